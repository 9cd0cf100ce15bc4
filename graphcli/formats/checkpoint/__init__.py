"""Checkpoints looked into, compared, written anew under other names, and taken to other formats."""
