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

    def __init__(self, picture: Picture, theme: str = "light") -> None:
        self._picture = picture
        self._theme = theme

    @property
    def dot(self) -> str:
        """The picture in Graphviz' language."""
        from .formats.dot.write import to_dot

        return to_dot(self._picture, True, "dark" if self._theme == "dark" else "light")

    @property
    def svg(self) -> str:
        """The picture as SVG. Raises GraphError where no program lays it out."""
        return self._image("svg").decode()

    def save(self, path: str | Path) -> None:
        """Writes a file whole or not at all: .svg, .png, .dot, .gv or .mmd. Raises InvalidValue for another ending."""
        from .wire.files import write_whole

        form = WRITERS.get(Path(path).suffix.lower())
        if form is None:
            *most, last = WRITERS
            raise InvalidValue(f"{path}: a picture is {', '.join(most)} or {last}, by the file's ending")
        if form == "mermaid":
            from .formats.mermaid import to_mermaid

            data = to_mermaid(self._picture, True, "dark" if self._theme == "dark" else "light").encode()
        else:
            data = self.dot.encode("utf-8", "replace") if form == "dot" else self._image(form)
        write_whole(str(path), lambda file: file.write(data))

    def _image(self, form: str) -> bytes:
        from .formats.dot.image import render

        return render(self.dot, form, self._theme == "auto")

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
    from .graph.graph import Graph

    for what, given, known in (("color_by", color_by, ("kind", "device", "scope", "dtype", "op", "memory")),
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
    from .analysis.elements import flatten

    out: dict[Node, None] = {}
    for thing in wanted if isinstance(wanted, (list, tuple)) else [wanted]:
        elements: list[Any] = []
        flatten(built.resolve(thing) if isinstance(thing, str) else thing, elements)
        for element in elements:
            node = getattr(element, "op", element)
            if not hasattr(node, "input_names"):
                raise InvalidType(f"{said(thing)} is a Python value, not a tensor, variable or op")
            if node.graph is not built.graph:
                raise InvalidValue(f"{node.name} is of another graph")
            out[node] = None
    return tuple(out)
