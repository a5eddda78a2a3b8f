"""Readers, forms and recognition: bytes in, typed report out; no network and no database."""
