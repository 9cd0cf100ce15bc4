"""A file for each family of rows: ``ROWS``, a list of measure.Work, or ``rows(...)`` of its own."""
