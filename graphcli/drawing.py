"""What a program draws of a graph: ``draw``."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InvalidType, InvalidValue, said
from .uncollected import uncollected

if TYPE_CHECKING:
    from .formats.picture import Picture
    from .graph.graph import Node

WRITERS = {".svg": "svg", ".png": "png", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid"}


class Drawing:
    """A picture of a graph, as ``graphcli viz`` draws it; a notebook shows it. The same graph gives the same text."""

    def __init__(self, picture: Picture, theme: str = "light", legend: bool = True) -> None:
        self._picture = picture
        self._theme = theme
        self._legend = legend

    @property
    def dot(self) -> str:
        """The picture in Graphviz' language."""
        from .formats.dot.write import to_dot

        return to_dot(self._picture, self._legend, self._ink)

    @property
    def svg(self) -> str:
        """The picture as SVG. Raises GraphError where no program lays it out."""
        return self.data("svg").decode()

    def save(self, path: str | Path) -> None:
        """Writes a file whole or not at all: .svg, .png, .dot, .gv or .mmd. Raises InvalidValue for another ending."""
        from .wire.files import write_whole

        form = WRITERS.get(Path(path).suffix.lower())
        if form is None:
            *most, last = WRITERS
            raise InvalidValue(f"{path}: a picture is {', '.join(most)} or {last}, by the file's ending")
        data = self.data(form)
        write_whole(str(path), lambda file: file.write(data))

    def data(self, form: str) -> bytes:
        """The picture as svg, png, dot or mermaid. Raises GraphError where no program lays it out."""
        if form == "mermaid":
            from .formats.mermaid import to_mermaid

            return to_mermaid(self._picture, self._legend, self._ink).encode()
        if form == "dot":
            return self.dot.encode("utf-8", "replace")
        from .formats.dot.image import render

        # as a file of it would have it: without the surrogates of a stranger's names
        return render(self.dot.encode("utf-8", "replace").decode(), form, self._theme == "auto")

    @property
    def _ink(self) -> str:
        return "dark" if self._theme == "dark" else "light"

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        count = len(self._picture.boxes)
        return f"<Drawing of {self._picture.name!r}: {count} box{'es' * (count != 1)}>"


@uncollected()
def draw(graph: Any, fetch: Any = (), *, scope: str = "", depth: int | None = None, boxes: int = 60, focus: Any = (),
         hops: int = 2, series: int = 5, everything: bool = False, color_by: str = "kind", direction: str = "up",
         theme: str = "light") -> Drawing:
    """A picture of a graph, with the choices of ``graphcli viz``.

    graph: what ``load`` gives, or a Graph. fetch: only what these need; focus: only what is within ``hops`` arrows
    of these; both names, tensors, variables or ops, one or a list. scope: only what is under it. depth: scopes that
    are deeper are closed; without it so many that there are at most ``boxes``. series: so many in a row that are
    alike are one. everything: gradients, initializers and savers too. color_by: kind, device, scope, dtype, op or
    memory. direction: up or right. theme: light, dark, or auto, which follows the reader of an SVG.

    Raises NotFound for a name that the graph does not have, InvalidValue for a choice that there is not.
    """
    from .formats.opened import OpenedGraph
    from .formats.picture import Options, picture
    from .formats.picture.paint import BY
    from .graph.graph import Graph

    colours = tuple(by for by in BY if by != "time")  # which nothing here measures
    for what, given, known in (("color_by", color_by, colours),
                               ("direction", direction, ("up", "right")), ("theme", theme, ("light", "dark", "auto"))):
        if given not in known:
            raise InvalidValue(f"{what} is {', '.join(known[:-1])} or {known[-1]}, not {said(given)}")
    built = OpenedGraph(graph.title, graph) if isinstance(graph, Graph) else graph
    if scope and not any(n.name.startswith(f"{scope.rstrip('/')}/") for n in built.graph):
        raise InvalidValue(f"no node is under the scope {scope!r}")
    options = Options(everything, scope.rstrip("/"), depth, boxes, _nodes(built, fetch), _nodes(built, focus), hops,
                      series, color_by, None, direction)
    return Drawing(picture(built, built.name, options), theme)


def _nodes(built: Any, wanted: Any) -> tuple[Node, ...]:
    from .analysis.elements import nodes_in

    out: dict[Node, None] = {}
    for thing in wanted if isinstance(wanted, (list, tuple)) else [] if wanted is None else [wanted]:
        nodes = nodes_in(built.resolve(thing) if isinstance(thing, str) else thing)
        if nodes is None:
            raise InvalidType(f"{said(thing)} is a Python value, not a tensor, variable or op")
        for node in nodes:
            if node.graph is not built.graph:
                raise InvalidValue(f"{node.name} is of another graph")
        out.update(dict.fromkeys(nodes))
    return tuple(out)
