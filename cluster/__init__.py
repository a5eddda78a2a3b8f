"""Crawling and reading on many machines: Dask hands out the work, shared storage carries what it needs and gives."""
