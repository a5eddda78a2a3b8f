"""Scrapy spiders; there is one, run once per portal."""
