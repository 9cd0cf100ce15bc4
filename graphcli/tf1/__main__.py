"""``python -m graphcli.tf1 SCRIPT``: runs a program of TensorFlow 1 as it stands, and keeps the graph that it made."""
from __future__ import annotations

import argparse
import contextlib
import os
import runpy
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ..errors import GraphError, reason_of
from ..graph.graph import Graph
from . import stand_in
from .modules import Module, modules

SUFFIXES = (".meta", ".pb", ".pbtxt")
HOME = str(Path(__file__).parents[1]) + os.sep
FLAG = "--"
"""Begins a flag of the command line, which is no help to a program."""


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m graphcli.tf1", description="Run a program of TensorFlow 1 as it stands: in it, "
        "`import tensorflow as tf` and `import tensorflow.compat.v1 as tf` mean graphcli.tf1.")
    parser.add_argument("--graph", metavar="FILE", type=Path,
                        help="when the program ends, write the graph that it made: .meta (with its collections, so "
                        "that every verb of graphcli can read it), .pb or .pbtxt")
    parser.add_argument("script", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the program's own")
    found = parser.parse_args(argv)
    if not found.script.is_file():
        parser.error(f"there is no file {str(found.script)!r}")
    if found.graph is not None and found.graph.suffix not in SUFFIXES:
        parser.error(f"--graph {found.graph}: the name ends in {', '.join(SUFFIXES)}")
    return found


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the script; what it raises, and its exit status, are its own."""
    given = arguments(argv)
    made: list[Graph] = []
    make = Graph.__init__

    def noted(graph: Graph, name: str = "graph") -> None:
        make(graph, name)
        made.append(graph)

    Graph.__init__ = noted  # type: ignore[assignment, method-assign]
    sys.argv = [str(given.script), *given.arguments]
    sys.path[0] = str(given.script.resolve().parent)
    try:
        with stand_in.imported():
            runpy.run_path(str(given.script), run_name="__main__")
    except (Exception, KeyboardInterrupt) as error:
        told(error, str(given.script))
        raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1) from None
    finally:
        if given.graph is not None:
            keep(given.graph, [g for g in made if len(g)])


def told(error: BaseException, script: str) -> None:
    """Prints the error as Python does where it runs the script itself; of an error that the graph is at fault for
    the lines of the program alone, and with the next step. GRAPHCLI_TRACEBACK=1 shows all lines."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    if isinstance(error, (GraphError, AttributeError)) and os.environ.get("GRAPHCLI_TRACEBACK") in (None, "", "0"):
        trace = theirs(trace)
        error.__suppress_context__ = error.__suppress_context__ or isinstance(error.__context__, GraphError)
    if isinstance(error, AttributeError) and isinstance(error.obj, Module):
        error.name = None  # the nearest name is told already, and Python would add its own
    if isinstance(error, GraphError):
        for text in (f"hint: {error.hint}" if error.hint and FLAG not in error.hint else "",
                     *(f"note: {text}" for text, _ in error.notes)):
            if text:
                error.add_note(text)
    traceback.print_exception(type(error), error, trace)


def theirs(trace: TracebackType | None) -> TracebackType | None:
    """A traceback without what is called inside graphcli."""
    if trace is None:
        return None
    rest = theirs(trace.tb_next)
    if trace.tb_frame.f_code.co_filename.startswith((HOME, contextlib.__file__)):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def keep(path: Path, graphs: Sequence[Graph]) -> None:
    """Writes the largest graph, and says so."""
    if not graphs:
        print(f"{path} was not written: the program made no graph", file=sys.stderr)
        return
    graph = max(graphs, key=len)
    train = modules["train"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".meta":
            train.export_meta_graph(str(path), graph=graph)
        else:
            train.write_graph(graph, str(path.parent), path.name, as_text=path.suffix == ".pbtxt")
    except OSError as error:
        raise SystemExit(f"error: cannot write {path}: {reason_of(error)}") from None
    except GraphError as error:
        raise SystemExit(error.render()) from None
    more = f", the largest of {len(graphs)}" if len(graphs) > 1 else ""
    print(f"wrote {path}: a graph of {len(graph)} {'node' if len(graph) == 1 else 'nodes'}{more}", file=sys.stderr)


if __name__ == "__main__":
    main()
