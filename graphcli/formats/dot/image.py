"""DOT to SVG or PNG: by ``dot`` if it is on the PATH, else by the graphviz-pure wheel's own program."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig

from ...errors import GraphError, reason_of
from ..picture.themes import INK, PAINTS

FORMATS = ("svg", "png")
TIMEOUT = 300
SLOW = 600
"""Boxes beyond which a layout takes more than a second or so."""


def program() -> str:
    """The layout program. Raises GraphError where there is none."""
    found = shutil.which("dot")
    if found:
        return found
    name = "graphviz-pure" + (".exe" if os.name == "nt" else "")
    # a wheel's programs stand beside the interpreter, which need not be on the PATH
    for folder in (os.path.dirname(sys.executable), sysconfig.get_path("scripts"),
                   sysconfig.get_path("scripts", f"{os.name}_user")):
        path = os.path.join(folder or "", name)
        if os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if found:
        return found
    raise GraphError("nothing here lays out a graph: neither dot nor graphviz-pure was found",
                     hint="pip install graphviz-pure, or write .dot")


def render(dot: str, form: str, follow: bool = False) -> bytes:
    """The image of a DOT text. follow: an SVG takes dark colours where its reader prefers them.

    Raises GraphError if the program fails.
    """
    command = [program(), f"-T{form}"]
    try:
        for more in ([], ["-Gnewrank=true"], ["-Gclusterrank=none"]):
            # some graphs with cycles through frames are more than Graphviz can rank: then in another way
            done = subprocess.run([*command, *more], input=dot.encode("utf-8"), capture_output=True, timeout=TIMEOUT,
                                  check=False)
            if done.returncode == 0 and done.stdout:
                break
    except subprocess.TimeoutExpired:
        raise GraphError(f"the layout took more than {TIMEOUT} seconds",
                         hint="draw less: --scope, --fetch, --depth, or write .dot") from None
    except OSError as error:
        raise GraphError(f"{command[0]} cannot be run: {reason_of(error)}") from None
    if done.returncode != 0 or not done.stdout:
        why = [line for line in done.stderr.decode("utf-8", "replace").strip().splitlines() if "Warning" not in line]
        raise GraphError(f"{os.path.basename(command[0])} failed: {why[0] if why else f'status {done.returncode}'}")
    if form == "svg" and follow:
        return _following(done.stdout)
    return done.stdout


def _following(svg: bytes) -> bytes:
    """The SVG with a style sheet for readers who prefer dark."""
    start = svg.index(b">", svg.index(b"<svg")) + 1
    return svg[:start] + f"\n<style>\n{style_sheet()}</style>".encode() + svg[start:]


def style_sheet() -> str:
    """Dark colours by the classes that the DOT gives to what is drawn."""
    ink = INK["dark"]
    rules = [f".graph > polygon, .graph > g > a > polygon {{ fill: {ink['paper']}; }}",
             f"text {{ fill: {ink['text']}; }}",
             f".edge text {{ fill: {ink['label']}; }}", f".legend text {{ fill: {ink['faint']}; }}",
             f".edge path, .edge polygon {{ stroke: {ink['line']}; }}", f".edge polygon {{ fill: {ink['line']}; }}"]
    for frame in ("frame0", "frame1"):
        rules.append(f".{frame} path, .{frame} polygon {{ fill: {ink[frame]}; stroke: {ink['edge']}; }}")
    rules.append(f".legend path, .legend polygon {{ fill: none; stroke: {ink['edge']}; }}")
    for name, (fill, stroke) in PAINTS["dark"].items():
        shapes = ", ".join(f".p-{name} {s}" for s in ("path", "polygon", "ellipse", "polyline"))
        rules.append(f"{shapes} {{ fill: {fill}; stroke: {stroke}; }}")
        if name in ("added", "removed", "changed"):
            rules.append(f".a-{name} path, .a-{name} polygon {{ stroke: {stroke}; }}")
    rules.append(".edge path, polyline { fill: none; }")
    body = "\n".join("  " + rule for rule in rules)
    # a picture that is a page of its own: what is around it is dark too
    return f"svg:root {{ color-scheme: light dark; }}\n@media (prefers-color-scheme: dark) {{\n{body}\n}}\n"
