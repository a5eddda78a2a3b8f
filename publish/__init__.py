"""The public site: Datasette's metadata and settings, our plugin, templates and static files."""
