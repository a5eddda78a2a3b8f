"""The crawler: finds, fetches and keeps annual reports from government portals."""
