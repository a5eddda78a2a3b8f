"""The program's version, also where it runs from a checkout that is not installed."""

from importlib import metadata


def program_version() -> str:
    """Version of the installed distribution, '0' from a bare checkout."""
    try:
        return metadata.version("nianbao")
    except metadata.PackageNotFoundError:
        return "0"
