"""What can go wrong when people are to be told something."""

from __future__ import annotations


class ConfigError(ValueError):
    """The configuration cannot be used; the message names file, key and remedy, never a secret."""


class DeliveryError(Exception):
    """A message could not be delivered; one line that names the channel and the cause, never a secret."""
