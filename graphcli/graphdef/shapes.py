"""The static shapes of nodes that were read, from their ops and from what the file declares."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import GraphError, InvalidValue
from ..graph.flow import MERGE, NEXT, inputs_first
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static, compatible, merge, show

_SPARE = {f"FusedBatchNormGrad{version}": (3, 4) for version in ("", "V2", "V3")}
"""Outputs that are reserved for nothing: TensorFlow 1.15 writes them as [channels], later ones as [0]."""


def settle(nodes: Sequence[Node], declared: Mapping[Tensor, Static]) -> None:
    """Sets the static shapes of all outputs.

    nodes: in file order. declared: shapes that the file gives. Raises InvalidValue, naming the node, for shapes that
    an op refuses and for a declared one that contradicts them.
    """
    for node in inputs_first(nodes, _before):
        loop = node.type in MERGE and any(t.op.type in NEXT for t in node.inputs)
        if loop:
            # what comes back may differ from what enters
            node.outputs[1].static = ()
        elif node.opdef is not None:
            _infer(node)
        for tensor in node.outputs:
            given = declared.get(tensor)
            if given is not None and tensor.value_index not in _SPARE.get(node.type, ()):
                if not compatible(tensor.static, given):
                    raise InvalidValue(f"node {node.name!r} ({node.type}): {tensor.name} has shape "
                                       f"{show(tensor.static)}, the file says {show(given)}")
                tensor.static = merge(tensor.static, given)


def _infer(node: Node) -> None:
    assert node.opdef is not None
    try:
        node.opdef.infer_into(node)
    except GraphError as error:
        if repr(node.name) not in error.message:
            error.message = f"node {node.name!r} ({node.type}): {error.message}"
            error.args = (error.message,)
        raise
    except RecursionError:
        raise
    except Exception as error:
        # an op's inference may take for granted what a spec cannot write
        raise InvalidValue(f"node {node.name!r} ({node.type}): its attrs and inputs do not fit each other: "
                           f"nothing follows from them for its outputs ({type(error).__name__}: {error})") from error


def _before(node: Node) -> list[Node]:
    if node.type in MERGE:
        return [t.op for t in node.inputs if t.op.type not in NEXT]
    return [t.op for t in node.inputs]
