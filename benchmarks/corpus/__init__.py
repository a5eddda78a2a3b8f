"""A proving ground: documents with known truth, made from a seed through renderers that are not ours."""
