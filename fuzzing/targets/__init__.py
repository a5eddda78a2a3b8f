"""The targets, one module each."""

from __future__ import annotations

from fuzzing.target import Target


def all_targets() -> dict[str, Target]:
    """Every target by its name."""
    from fuzzing.targets import markup, office, packages, pdf, portals, search

    return {module.TARGET.name: module.TARGET for module in (markup, office, pdf, packages, portals, search)}
