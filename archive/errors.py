"""Errors of the archive that a user can act on."""


class ArchiveError(Exception):
    """The archive cannot be used as asked; the message says what is wrong, where, and the remedy."""
