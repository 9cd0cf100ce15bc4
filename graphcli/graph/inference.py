"""What an op's inference may ask of its node, and the inferences that many ops share."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InvalidValue, Law, Refused
from . import shapes
from .shapes import Static, show
from .types import DType

if TYPE_CHECKING:
    from .graph import Node


class InferContext:
    """What an ``infer`` may ask of its node beyond the shapes that it is given."""

    __slots__ = ("node", "attrs")
    built = True
    """Whether it is the graph that is built. A step asks again with what came, and TensorFlow's kernels take some of
    what is refused of a graph."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.attrs = node.attrs

    def value(self, index: int) -> Any:
        """The value of flat input ``index`` as a numpy array where it is known now, else None."""
        from .constant import constant_value

        return constant_value(self.node.inputs[index])

    def shape_value(self, index: int) -> Static:
        """Input ``index`` read as a shape: sizes that are known now, None for the others."""
        from .constant import constant_shape, constant_value

        value = constant_value(self.node.inputs[index])
        if value is not None and value.dtype.kind in "iu" and value.size and value.min() < -1:
            self.fail(f"a shape has sizes of at least 0, or -1 for what is not known, not {value.tolist()}")
        return constant_shape(self.node.inputs[index])

    def size_value(self, index: int) -> int | None:
        """The size that scalar input ``index`` tells; None where it is not known now."""
        value = self.value(index)
        if value is not None and value.size == 1 and value.item() < 0:
            self.fail(f"a size must not be negative, but is {value.item()}")
        return None if value is None else int(value)

    def dtype(self, index: int) -> DType:
        return self.node.inputs[index].dtype.base_dtype

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Refuses the node: ``message`` says the law, the inputs are added; not the constants that the call made."""
        node = self.node
        args = ", ".join(dict.fromkeys(f"{t.op.name} is {show(t.static)}" for t in node.inputs
                                       if t.op.type != "Const" or not t.op.name.startswith(f"{node.name}/")))
        raise Refused(f"{node.type} {node.name!r}: {message}" + (f": {args}" if args else ""),
                      node.span, law=Law(message, hint))

    def at_most_rank(self, shape: Static, rank: int, what: str) -> Static:
        if shape is not None and len(shape) > rank:
            self.fail(f"{what} must have at most rank {rank}, not {len(shape)}")
        return shape

    def merge(self, a: Static, b: Static, what: str = "shapes") -> Static:
        if not shapes.compatible(a, b):
            self.fail(f"the {what} {show(a)} and {show(b)} differ")
        return shapes.merge(a, b)

    def with_rank(self, shape: Static, rank: int, what: str) -> shapes.ShapeTuple:
        """The shape, which must have this rank if it has one."""
        if shape is None:
            return (None,) * rank
        if len(shape) != rank:
            self.fail(f"{what} must have rank {rank}, not {len(shape)}")
        return shape

    def at_least_rank(self, shape: Static, rank: int, what: str) -> Static:
        if shape is not None and len(shape) < rank:
            self.fail(f"{what} must have at least rank {rank}, not {len(shape)}")
        return shape

    def broadcast(self, a: Static, b: Static) -> Static:
        try:
            return shapes.broadcast(a, b)
        except InvalidValue as error:
            self.fail(error.message)


class InStep(InferContext):
    """Inference at the time of a step, with what the graph tells."""

    __slots__ = ()
    built = False


def same_shape(n: InferContext, x: Static, *others: Static) -> Static:
    """Inference of ops whose output has the shape of their first input."""
    return x


def same_count(n: InferContext, x: Static, *others: Static) -> Static:
    """Inference of ops whose inputs have as many elements each; the output has the shape of the first.

    As in TensorFlow a graph may say otherwise: it is the step that fails.
    """
    many = shapes.count(x)
    for other in () if n.built else others:
        count = shapes.count(other)
        if many is not None and count is not None and count != many:
            n.fail(f"the inputs must have as many elements each: {show(x)} has {many}, {show(other)} {count}")
    return x


def broadcast_shape(n: InferContext, x: Static, y: Static) -> Static:
    """Inference of binary ops that broadcast."""
    return n.broadcast(x, y)


def scalar_shape(n: InferContext, *inputs: Any) -> Static:
    return ()
