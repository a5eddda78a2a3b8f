"""The simulated sites by key, found by their modules' names."""

from __future__ import annotations

import importlib
import pkgutil
import re

from sample import portals
from sample.portals.faults import FAULTS
from sample.portals.retold import RETOLD
from sample.portals.site import Build, Setting, Site


def _find() -> dict[str, Build]:
    """Every module ``s<number>_<name>`` of the package, or one of its ``SITES``, is a site."""
    found: dict[str, Build] = {}
    for info in pkgutil.iter_modules(portals.__path__):
        match = re.fullmatch(r"s(\d{2})_\w+", info.name)
        if match:
            module = importlib.import_module(f"{portals.__name__}.{info.name}")
            found |= getattr(module, "SITES", None) or {f"S{int(match[1])}": module.build}
    return found


SITES = _find()
RETELLING = 2
"""The variant that is :mod:`sample.portals.retold`."""


def build(key: str, setting: Setting, fault: str | None = None) -> Site:
    """Build the site ``key``, struck by ``fault`` if given; KeyError for an unknown one."""
    if key not in SITES:
        raise KeyError(f"no simulated site {key}; there are: {', '.join(SITES)}")
    told = RETOLD.get(key) if setting.variant == RETELLING else None
    site = (told or SITES[key])(setting)
    if fault is not None:
        if fault not in FAULTS:
            raise KeyError(f"no fault {fault}; there are: {', '.join(FAULTS)}")
        FAULTS[fault].strike(site)
    return site
