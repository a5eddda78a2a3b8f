"""Measurements: how well and how fast documents become reports."""
