"""Telling people how the crawls go: by a file, by e-mail, by webhook."""
