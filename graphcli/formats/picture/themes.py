"""The colours of pictures, light and dark: Okabe and Ito's palette, which any colour vision tells apart.

A paint is (fill, stroke). Kinds differ in form too, so that no colour alone means anything.
"""
from __future__ import annotations

KINDS = ("input", "variable", "shared", "constant", "math", "nn", "array", "random", "state", "control", "summary",
         "other", "scope", "series")
WORDS = {"input": "input", "variable": "variable", "shared": "shared variable", "constant": "constant",
         "math": "arithmetic", "nn": "neural net", "array": "shaping", "random": "random", "state": "state change",
         "control": "control flow", "summary": "summary", "other": "other op", "scope": "closed scope",
         "series": "series, folded"}

_LIGHT = {
    "input": ("#cfe8f7", "#0072b2"), "variable": ("#fdecc8", "#a86f00"), "shared": ("#fbcfae", "#d55e00"),
    "constant": ("#f1f1f1", "#707070"), "math": ("#ffffff", "#404040"), "nn": ("#d3efe5", "#00785a"),
    "array": ("#ffffff", "#8a8a8a"), "random": ("#e6e3f6", "#5b4b9a"), "state": ("#f6dcea", "#a8477f"),
    "control": ("#fbf6b8", "#807600"), "summary": ("#e4eccb", "#5f7000"), "other": ("#ffffff", "#8a8a8a"),
    "scope": ("#e9e9f2", "#505080"), "series": ("#dcdcec", "#505080"), "plain": ("#ffffff", "#606060"),
    "added": ("#cdeee2", "#00785a"), "removed": ("#fbd3c0", "#c24a00"), "changed": ("#fdf3c0", "#8a7400"),
    "same": ("#ffffff", "#8a8a8a"),
    # categories
    "c0": ("#cfe8f7", "#0072b2"), "c1": ("#fde3b0", "#a86f00"), "c2": ("#c9ecdf", "#00785a"),
    "c3": ("#f6d6e6", "#a8477f"), "c4": ("#fbf3a0", "#807600"), "c5": ("#fbcfae", "#c24a00"),
    "c6": ("#ddd6f3", "#5b4b9a"), "c7": ("#d5d5d5", "#404040"), "c8": ("#ffffff", "#8a8a8a"),
    # from little to much: lightness alone orders them
    "s0": ("#ffffff", "#8a8a8a"), "s1": ("#e7f1f8", "#3f7fa8"), "s2": ("#b9d9ec", "#1f6fa3"),
    "s3": ("#f3c26b", "#9a6400"), "s4": ("#e8853a", "#8a3d00"),
}
_DARK = {
    "input": ("#10344d", "#56b4e9"), "variable": ("#433108", "#e69f00"), "shared": ("#5c2a06", "#ff8b3d"),
    "constant": ("#2c2c2c", "#a0a0a0"), "math": ("#1d1f23", "#c8c8c8"), "nn": ("#0b3b2e", "#2cc79b"),
    "array": ("#1d1f23", "#8f8f8f"), "random": ("#2d2650", "#b3a8ee"), "state": ("#46203b", "#e08fc0"),
    "control": ("#3a3600", "#e8dc4a"), "summary": ("#2f3708", "#b7c63f"), "other": ("#1d1f23", "#8f8f8f"),
    "scope": ("#2b2b40", "#a3a3dc"), "series": ("#353552", "#a3a3dc"), "plain": ("#1d1f23", "#b0b0b0"),
    "added": ("#0b3b2e", "#2cc79b"), "removed": ("#5a2408", "#ff8b4d"), "changed": ("#403800", "#e8dc4a"),
    "same": ("#1d1f23", "#6f6f6f"),
    "c0": ("#10344d", "#56b4e9"), "c1": ("#433108", "#e69f00"), "c2": ("#0b3b2e", "#2cc79b"),
    "c3": ("#46203b", "#e08fc0"), "c4": ("#3a3600", "#e8dc4a"), "c5": ("#5a2408", "#ff8b4d"),
    "c6": ("#2d2650", "#b3a8ee"), "c7": ("#3c3c3c", "#d8d8d8"), "c8": ("#1d1f23", "#8f8f8f"),
    "s0": ("#1d1f23", "#8f8f8f"), "s1": ("#16303f", "#6aa9cf"), "s2": ("#1c5277", "#8ecbf0"),
    "s3": ("#7a5207", "#f3c26b"), "s4": ("#9c4310", "#ffb077"),
}
PAINTS = {"light": _LIGHT, "dark": _DARK}
CATEGORIES = 8
"""How many categories have a colour of their own; the others share c8."""
LEVELS = 5

# what is no box: background, text, lines, the words beside lines, frames (outer and inner), their edge
INK = {"light": {"paper": "#ffffff", "text": "#1a1a1a", "line": "#5f5f5f", "label": "#4d4d4d",
                 "frame0": "#f7f7f7", "frame1": "#eeeeee", "edge": "#b4b4b4", "faint": "#6b6b6b"},
       "dark": {"paper": "#15171a", "text": "#ececec", "line": "#a6a6a6", "label": "#c4c4c4",
                "frame0": "#1b1e22", "frame1": "#23272c", "edge": "#555a60", "faint": "#9a9a9a"}}


def paint(theme: str, name: str) -> tuple[str, str]:
    """(fill, stroke) of a paint."""
    return PAINTS[theme][name]
