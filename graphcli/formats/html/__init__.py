"""A graph as one HTML page: its data (data), and the page that draws it (page, with app/ as its script)."""
