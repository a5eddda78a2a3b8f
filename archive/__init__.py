"""The archive: captures and reports in, SQLite and WARC out."""
