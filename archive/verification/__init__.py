"""Proving that an archive is whole, and mending what its captures allow."""

from archive.verification.faults import Fault, Summary
from archive.verification.salvage import salvage
from archive.verification.verify import verify

__all__ = ["Fault", "Summary", "salvage", "verify"]
