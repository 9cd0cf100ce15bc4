"""The command line: one file per verb; nothing imports this package."""
