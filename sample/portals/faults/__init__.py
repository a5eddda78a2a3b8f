"""Faults that befall a portal, by name: what a crawl must bear, and what it can only report."""

from __future__ import annotations

from sample.portals.faults import challenges, connections, refusals, robots, transfers
from sample.portals.faults.fault import Fault

FAULTS: dict[str, Fault] = {
    fault.name: fault for module in (challenges, robots, transfers, refusals, connections) for fault in module.FAULTS
}
"""All faults by name."""
