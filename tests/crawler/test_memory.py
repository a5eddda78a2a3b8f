"""The limit on memory."""

import resource
import subprocess
import sys

import pytest
from scrapy.utils.test import get_crawler

from crawler import settings
from crawler.memory import CurrentMemoryUsage


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_the_starting_process_once_held_does_not_count() -> None:
    program = (
        "import resource, subprocess, sys; held = bytearray(400 << 20); held[::4096] = b'x' * len(held[::4096])\n"
        "subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
    )
    child = (
        "import resource; from scrapy.utils.test import get_crawler; from crawler.memory import CurrentMemoryUsage\n"
        "usage = CurrentMemoryUsage(get_crawler(settings_dict={'MEMUSAGE_ENABLED': True}))\n"
        "print(usage.get_virtual_size() >> 20)"
    )
    done = subprocess.run([sys.executable, "-c", program, child], capture_output=True, text=True, check=True)
    assert 10 < int(done.stdout) < 300


def test_the_limit_is_in_force() -> None:
    assert settings.EXTENSIONS["crawler.memory.CurrentMemoryUsage"] is not None
    usage = CurrentMemoryUsage(get_crawler(settings_dict={"MEMUSAGE_ENABLED": True}))
    assert 0 < usage.get_virtual_size() <= 2 * 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
