"""The operators of tensors and variables: ``x + 1`` is ``tf.add`` under TF1's own scope names.

Each opens a scope named after the operator (``add``, ``truediv``, …) in which the other side becomes a
constant ``y`` of the tensor's dtype (``x`` when reflected). ``==`` of tensors is identity in Python, as
in TF1; the expressions of specs call ``equal`` themselves.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import TensorShape
from .modules import modules

_tf = modules["tf"]
_bitwise = modules["bitwise"]


def _add(x: Any, y: Any, name: str) -> Any:
    from .conversion import convert_to_tensor
    from .framework import apply_op

    y = convert_to_tensor(y, preferred_dtype=x.dtype.base_dtype, name="y")
    return apply_op("Add" if x.dtype.base_dtype.name == "string" else "AddV2", name, [x, y])


def _mul(x: Any, y: Any, name: str) -> Any:
    from .conversion import is_tensor
    from .framework import apply_op

    if any(is_tensor(t) and t.dtype.base_dtype.is_bool for t in (x, y)):
        numbers = [apply_op("Cast", None, [t], {"DstT": "int32"}) for t in (x, y)]
        return apply_op("Cast", None, [apply_op("Mul", name, numbers)], {"DstT": "bool"})
    return apply_op("Mul", name, [x, y])


def _bits(logical: str, whole: str) -> Callable[..., Any]:
    """Logic of booleans; of whole numbers bits, which TF1 leaves under the op's own name."""
    def function(x: Any, y: Any, name: str) -> Any:
        if x.dtype.base_dtype.is_bool if hasattr(x, "dtype") else isinstance(x, bool):
            return getattr(_tf, logical)(x, y, name=name)
        return getattr(_bitwise, whole)(x, y)

    return function


def _named(function: str) -> Callable[..., Any]:
    return lambda x, y, name: getattr(_tf, function)(x, y, name=name)


def _mod(x: Any, y: Any, name: str) -> Any:
    from .framework import apply_op

    return apply_op("FloorMod", name, [x, y])


BINARY: dict[str, Callable[..., Any]] = {
    "add": _add, "sub": _named("subtract"), "mul": _mul, "truediv": _named("truediv"), "div": _named("div"),
    "floordiv": _named("floordiv"), "mod": _mod, "pow": _named("pow"), "matmul": _named("matmul"),
    "and": _bits("logical_and", "bitwise_and"), "or": _bits("logical_or", "bitwise_or"),
    "xor": _bits("logical_xor", "bitwise_xor"),
}
COMPARE = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}


def _binary(operator: str, function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(x: Any, y: Any) -> Any:
        from .framework import name_scope

        with name_scope(None, operator, [x]) as name:
            # rows have the operator themselves
            return NotImplemented if hasattr(y, "nested_row_splits") else function(x, y, name)

    def reflected(y: Any, x: Any) -> Any:
        from .conversion import convert_to_tensor
        from .framework import name_scope

        with name_scope(None, operator, [y]) as name:
            return function(convert_to_tensor(x, y.dtype.base_dtype, "x"), y, name)

    forward.__name__, reflected.__name__ = f"__{operator}__", f"__r{operator}__"
    return forward, reflected


def _compare(operator: str, function: str) -> Callable[..., Any]:
    def compare(x: Any, y: Any) -> Any:
        return getattr(_tf, function)(x, y)

    compare.__name__ = f"__{operator}__"
    return compare


def _invert(x: Any) -> Any:
    kind = x.dtype.base_dtype
    if kind.is_bool:
        return _tf.logical_not(x)
    if kind.is_integer:
        return _bitwise.invert(x)
    raise InvalidType(f"~ is for bool and whole numbers; {x.name} is {kind.name}")


def _getitem(x: Any, index: Any) -> Any:
    from .slicing import slice_tensor

    return slice_tensor(x, index)


def install_on(cls: Any, getitem: Callable[[Any, Any], Any] = _getitem) -> None:
    """Puts the operators on a class of tensor-like values; ``getitem`` is its ``x[index]``."""
    for operator, function in BINARY.items():
        forward, reflected = _binary(operator, function)
        setattr(cls, f"__{operator}__", forward)
        setattr(cls, f"__r{operator}__", reflected)
    for operator, name in COMPARE.items():
        setattr(cls, f"__{operator}__", _compare(operator, name))
    cls.__neg__ = lambda x: _tf.negative(x)
    cls.__abs__ = lambda x: _tf.abs(x)
    cls.__invert__ = _invert
    cls.__getitem__ = getitem


def install_by_value(cls: Any, getitem: Callable[[Any, Any], Any]) -> None:
    """Puts the operators on a class whose ``value()`` is a tensor, made before the operator opens its scope."""
    def by_value(method: str) -> Callable[..., Any]:
        def operator(x: Any, *others: Any) -> Any:
            return getattr(Tensor, method)(x.value(), *others)

        operator.__name__ = method
        return operator

    both = [f"__{side}{operator}__" for operator in BINARY for side in ("", "r")]
    for method in [*both, *(f"__{operator}__" for operator in COMPARE), "__neg__", "__abs__", "__invert__"]:
        setattr(cls, method, by_value(method))
    cls.__getitem__ = getitem


def _as_graph_def(graph: Graph, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """The graph as a GraphDef (Graph.as_graph_def)."""
    from .graph_def import as_graph_def

    return as_graph_def(graph, from_version, add_shapes)


def _node_def(node: Node) -> Any:
    """The node as a NodeDef (Operation.node_def)."""
    from .graph_def import node_def

    return node_def(node)


def _shown(node: Node) -> str:
    """The node as a NodeDef in text (str of an Operation)."""
    return str(_node_def(node))


def _eval(tensor: Tensor, feed_dict: Any = None, session: Any = None) -> Any:
    """The value in a session, the default one if None (Tensor.eval)."""
    from .session import default_session

    return (session or default_session("eval")).run(tensor, feed_dict)


def _run(node: Node, feed_dict: Any = None, session: Any = None) -> None:
    """Runs the op in a session, the default one if None (Operation.run)."""
    from .session import default_session

    (session or default_session("run")).run(node, feed_dict)


def install() -> None:
    """Puts on Tensor, Node and Graph what needs the vocabulary: operators, running, messages."""
    from . import graph_messages as messages

    install_on(Tensor)
    Tensor.eval = _eval  # type: ignore[attr-defined]
    Node.run = _run  # type: ignore[attr-defined]
    Graph.as_graph_def = _as_graph_def  # type: ignore[attr-defined]
    Node.node_def = property(_node_def)  # type: ignore[attr-defined]
    Node.__str__ = _shown  # type: ignore[method-assign,assignment]
    Node.get_attr = messages.get_attr  # type: ignore[method-assign,assignment]
    Tensor.__array__ = messages.no_array  # type: ignore[attr-defined]
    TensorShape.as_proto = messages.shape_proto  # type: ignore[attr-defined]
    Graph.create_op = messages.create_op  # type: ignore[attr-defined]
    Graph._attr_scope = messages.attr_scope  # type: ignore[attr-defined]
