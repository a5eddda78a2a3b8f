"""Tests of crawling and reading on many machines."""
