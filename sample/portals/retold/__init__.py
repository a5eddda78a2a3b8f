"""The simulated sites told once more: the same systems as another agency set them up.

Variant 2 of the sites. Nothing is shared with the first telling but places, host names and the
reports' form: columns lie elsewhere, lists, pagers, menus and attachments are made otherwise, and
other pages lead astray.
"""

from __future__ import annotations

from sample.portals.retold import (
    s01_tables,
    s02_folders,
    s03_datastore,
    s04_units,
    s05_catalogue,
    s06_channels,
    s07_labels,
    s08_descending,
    s09_service,
    s10_categories,
    s12_aggregate,
)
from sample.portals.site import Build

RETOLD: dict[str, Build] = {
    "S1": s01_tables.build,
    "S2": s02_folders.build,
    "S3": s03_datastore.build,
    "S4": s04_units.build,
    "S5": s05_catalogue.build,
    "S6": s06_channels.build,
    "S7": s07_labels.build,
    "S8": s08_descending.build,
    "S9": s09_service.build,
    "S10": s10_categories.build,
    "S12": s12_aggregate.build,
}
