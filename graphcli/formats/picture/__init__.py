"""Graphs as pictures, before any format: a value that its writers share."""
from .draw import drawn, picture
from .model import Arrow, Box, Frame, Picture
from .subject import Options, subject

__all__ = ["Arrow", "Box", "Frame", "Options", "Picture", "drawn", "picture", "subject"]
