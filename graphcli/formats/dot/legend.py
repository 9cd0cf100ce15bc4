"""The legend of a picture in DOT: rows of small boxes, by form and by colour."""
from __future__ import annotations

from ..picture.model import Picture
from ..picture.themes import INK, WORDS, paint
from .spell import form, hover, quoted

ROW = 5
"""Boxes in a row."""


def legend_lines(picture: Picture, theme: str) -> tuple[list[str], str | None]:
    """(the lines of a cluster that tells what forms and colours mean, its box next to the picture).

    Nothing where there is nothing to tell.
    """
    ink = INK[theme]
    right = picture.direction == "right"
    kinds, swatches = picture.legend.kinds, picture.legend.swatches
    if len(kinds) < 2 and not swatches:
        return [], None
    entries = [(WORDS[k], form(k) + (" penwidth=2" if k == "shared" else ""), "plain" if swatches else k)
               for k in kinds]
    rows = [entries[i:i + ROW] for i in range(0, len(entries), ROW)]
    colours = [(s.label, form("plain"), s.paint) for s in swatches]
    rows += [colours[i:i + ROW] for i in range(0, len(colours), ROW)]
    words = " · ".join(w for w in (picture.legend.title, *picture.legend.remarks) if w)
    out = [f'\tsubgraph cluster_legend {{\n\t\tlabel={quoted(words)} labeljust=l labelloc={"t" if right else "b"} '
           f'style=rounded color="{ink["edge"]}" class=legend fontsize=9 fontcolor="{ink["faint"]}" margin=8 '
           'tooltip="legend"\n']
    number = 0
    names: list[list[str]] = []
    for row in rows:
        names.append([])
        for label, shape, colour in row:
            fill, stroke = paint(theme, colour)
            names[-1].append(f"legend{number}")
            out.append(f'\t\tlegend{number} [label={quoted(label)} {shape} class="p-{colour}" fillcolor="{fill}" '
                       f'color="{stroke}" fontsize=9 height=0.25 margin="0.08,0.04" tooltip={hover(label)}]\n')
            number += 1
    for row_names in names:
        out.append(f"\t\t{{ rank=same {' '.join(row_names)} }}\n")
        if right:
            row_names.reverse()  # a rank that stands upright is filled from below
        out += [f"\t\t{a} -> {b} [style=invis]\n" for a, b in zip(row_names, row_names[1:])]
    # the first row is the uppermost, or the one on the left
    if right:
        names.reverse()
    out += [f"\t\t{later[0]} -> {sooner[0]} [style=invis]\n" for sooner, later in zip(names, names[1:])]
    return [*out, "\t}\n"], names[0][0]
