"""Graphs as pictures: what to draw (picture), how it is written (write), how it becomes an image (image)."""
