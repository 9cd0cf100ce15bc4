"""Graphs as pictures, before any format: which boxes, frames and arrows, in which colours (a value that writers share)."""
from .draw import Options, drawn, picture, subject
from .model import Arrow, Box, Frame, Picture

__all__ = ["Arrow", "Box", "Frame", "Options", "Picture", "drawn", "picture", "subject"]
