"""The journalist's guides hold true: each numbered step is done in a browser, word for word.

**Bold** is clicked, or what the next `code` is typed or chosen into; 「quoted」 or “quoted” words must then be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e import program
from tests.e2e.conftest import FirstCrawl
from tests.publish.browser import browser  # noqa: F401
