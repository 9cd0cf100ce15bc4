"""OpDef: the form that an op fills in, and the registry of op types.

An op is one decorated class in ``ops/``; read ``ops/math.py`` for how one looks:

    @op
    class MatMul:
        '''Product of two matrices.'''
        signature = "a: T, b: T -> product: T"
        attrs = "transpose_a: bool = False; transpose_b: bool = False; T: {float32, float64}"
        def infer(n, a, b): ...          # static shapes in, static shape (or a list of them) out
        def kernel(n): ...               # -> a function of arrays, chosen once when a plan is made
        def scratch(n): ...              # -> bytes that the kernel takes beside its results; none if left out
        parts = {"a": 2, "b": 2}         # entries of the inputs that are treated apart, see parts.py
        def gradient(tf, op, grad): ...  # -> a gradient per input, None where there is none

Arguments: ``x: T`` (type attr), ``x: int32`` (fixed), ``xs: N*T`` (N tensors of one type),
``xs: list(T)`` (one type each), ``ref: Ref(T)`` (a variable's own buffer). Attrs, separated by ``;``:
``name: kind = default`` with kind one of type, int, float, bool, string, shape, tensor, func,
``list(kind)``, a set of dtypes ``{float32, int32}`` or of strings ``{'SAME', 'VALID'}``.
``no_kernel = "T: float16"``: dtypes that the op takes and TensorFlow has no kernel for; a run refuses them.
``one_piece = True``: the kernel sums in an order that follows how arrays lie in memory, and gets them in one piece.
``alike_from = 1_000_000``: a product of matrices, of the same bits however they lie from so many multiplications on.
"""
from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InvalidType, InvalidValue, NotFound, NotSupported, RunError, did_you_mean
from . import shapes
from .in_rows import in_rows
from .parts import Parts, in_parts
from .shapes import Static, as_shape, show
from .types import DTYPES, DType, as_dtype

if TYPE_CHECKING:
    from .graph import Node, Tensor

NUMERIC = ("float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, "
           "complex128, float16, uint32, uint64")
SETS = {
    "numbertype": NUMERIC,
    "realnumbertype": "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, "
                      "uint32, uint64",
    "floating": "bfloat16, float16, float32, float64",
    "index": "int32, int64",
}
"""Named sets of dtypes, as TensorFlow's op registry names them: usable as ``T: {numbertype}``."""


class Arg:
    """One input or output of an op type."""

    __slots__ = ("name", "dtype", "type_attr", "number_attr", "type_list_attr", "is_ref")

    def __init__(self, name: str, spec: str) -> None:
        self.name = name
        self.is_ref = spec.startswith("Ref(")
        if self.is_ref:
            spec = spec[4:-1]
        self.dtype: DType | None = None
        self.type_attr = self.number_attr = self.type_list_attr = ""
        if "*" in spec:
            self.number_attr, spec = (s.strip() for s in spec.split("*"))
        if spec.startswith("list("):
            self.type_list_attr = spec[5:-1]
        elif spec in DTYPES:
            self.dtype = DTYPES[spec]
        else:
            self.type_attr = spec

    @property
    def is_list(self) -> bool:
        return bool(self.number_attr or self.type_list_attr)


class Attr:
    """One attr of an op type. ``default`` is ``Attr.NONE`` where it must be given or inferred."""

    NONE = object()
    __slots__ = ("name", "kind", "default", "allowed", "minimum")

    def __init__(self, text: str) -> None:
        name, rest = text.split(":", 1)
        self.name = name.strip()
        self.allowed: tuple[Any, ...] | None = None
        self.minimum: int | None = None
        kind, equals, default = rest.partition("=") if ">=" not in rest else (rest, "", "")
        kind = kind.strip()
        if ">=" in kind:
            kind, least = (s.strip() for s in kind.split(">="))
            least, equals, default = least.partition("=")
            self.minimum = int(least)
        self.default: Any = Attr.NONE
        inner = kind[5:-1] if kind.startswith("list(") else kind
        if inner.startswith("{"):
            members = inner[1:-1]
            if "'" in members:
                self.allowed = ast.literal_eval(f"({members},)")
                inner = "string"
            else:
                for key, value in SETS.items():
                    members = re.sub(rf"\b{key}\b", value, members)
                self.allowed = tuple(dict.fromkeys(as_dtype(m.strip()) for m in members.split(",")))
                inner = "type"
        self.kind = f"list({inner})" if kind.startswith("list(") else inner
        if equals:
            text = default.strip()
            self.default = (as_dtype(text) if self.kind == "type" else _array(text) if self.kind == "tensor"
                            else ast.literal_eval(text))

    def check(self, value: Any, op_type: str) -> Any:
        """The value in its canonical form. Raises InvalidType or InvalidValue if it is none."""
        if self.kind.startswith("list("):
            if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
                raise InvalidType(f"attr {self.name} of {op_type} is a list, not {value!r}")
            values = [self._one(v, op_type) for v in value]
            if self.minimum is not None and len(values) < self.minimum:
                raise InvalidValue(f"attr {self.name} of {op_type} has at least {self.minimum} items")
            return values
        return self._one(value, op_type)

    def _one(self, value: Any, op_type: str) -> Any:
        kind = self.kind[5:-1] if self.kind.startswith("list(") else self.kind
        where = f"attr {self.name} of {op_type}"
        if kind == "type":
            value = as_dtype(value).base_dtype
        elif kind == "shape":
            value = as_shape(value)
        elif kind == "bool":
            if not isinstance(value, bool) and not hasattr(value, "dtype"):
                raise InvalidType(f"{where} is true or false, not {value!r}")
            value = bool(value)
        elif kind == "int":
            if isinstance(value, (str, bytes, bool)) or not hasattr(value, "__index__"):
                raise InvalidType(f"{where} is a whole number, not {value!r}")
            value = int(value.__index__())
            if self.minimum is not None and not self.kind.startswith("list(") and value < self.minimum:
                raise InvalidValue(f"{where} is at least {self.minimum}, not {value}")
        elif kind == "float":
            if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
                raise InvalidType(f"{where} is a number, not {value!r}")
            value = float(value)
        elif kind == "string":
            value = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
            if isinstance(value, str) and not value.isascii() and any("\udc80" <= c <= "\udcff" for c in value):
                # bytes that are no text: a serialized message
                return value.encode("utf-8", "surrogateescape")
            if not isinstance(value, str):
                raise InvalidType(f"{where} is a string, not {value!r}")
        if self.allowed is not None and value not in self.allowed:
            names = [a.name if isinstance(a, DType) else repr(a) for a in self.allowed]
            shown = value.name if isinstance(value, DType) else repr(value)
            kind_of = InvalidType if kind == "type" else InvalidValue
            raise kind_of(f"{where} is one of {', '.join(names)}, not {shown}",
                          hint=did_you_mean(value, self.allowed) if kind == "string" else None)
        return value


def _array(text: str) -> Any:
    """The default of a tensor attr, written as ``uint8 [255, 0]``."""
    import numpy as np

    dtype, _, values = text.partition(" ")
    return np.array(ast.literal_eval(values), as_dtype(dtype).as_numpy_dtype)


class OpDef:
    """An op type: its signature, inference, kernel and gradient."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.name: str = cls.__dict__.get("type_name", cls.__name__)
        self.doc: str = (cls.__doc__ or "").strip()
        space = cls.__dict__
        self.infer: Callable[..., Any] | None = space.get("infer")
        self.blas: bool = getattr(sys.modules[cls.__module__], "BLAS", False)
        """Whether its family says that its kernels call BLAS."""
        self.elementwise: bool = space.get("elementwise", False)
        self.one_piece: bool = space.get("one_piece", False)
        self.alike_from: int = space.get("alike_from", 0)
        self.shares: bool = space.get("shares", False)
        """Whether its kernel shares the work among threads itself, so that parts are taken one after the other."""
        self.kernel: Callable[..., Any] | None = self._guarded(space.get("kernel"), space.get("no_kernel", ""))
        self.scratch: Callable[..., int] | None = space.get("scratch")
        self.parts: Callable[[dict[str, Any]], Parts] | None = None
        """How the kernel is cut, by attrs."""
        if "parts" in space:
            self._cut(space["parts"])
        self.kernel = self._laid_out(self.kernel)
        self.slight: int = space.get("slight", -1)
        """An output that is next to nothing, though its shape is not known."""
        self.gradient: Callable[..., Any] | None = space.get("gradient")
        """None: not written; ``no_gradient``: declared not differentiable; ``undefined_gradient``: refused."""
        self.stateful: bool = space.get("stateful", False)
        self.fresh: bool = space.get("fresh", False)
        self.module = cls.__module__

    def _guarded(self, kernel: Callable[..., Any] | None, none_for: str) -> Callable[..., Any] | None:
        """The kernel, refused for the dtypes that TensorFlow's op takes and its kernels on a CPU do not."""
        if kernel is None or not none_for:
            return kernel
        missing = {attr.strip(): frozenset(d.strip() for d in names.split(","))
                   for attr, _, names in (part.partition(":") for part in none_for.split(";"))}

        def chosen(n: Any) -> Any:
            for attr, names in missing.items():
                name = n.attrs[attr].name
                if name in names:
                    raise RunError(f"TensorFlow has no kernel of {self.name} for {name}",
                                   hint="tf.cast converts a tensor")
            return kernel(n)

        return chosen

    def _cut(self, cut: Any) -> None:
        """Takes the kernel in parts; which inputs are cut may follow from attrs."""
        kernel, scratch = self.kernel, self.scratch

        def of(attrs: dict[str, Any]) -> Parts:
            return Parts(self, cut(attrs) if callable(cut) else cut, scratch)

        if kernel is not None:
            self.parts = of
            self.kernel = lambda n: in_parts(of(n.attrs), n, kernel(n))
            self.scratch = lambda n: of(n.attrs).taken(n)

    def _laid_out(self, kernel: Callable[..., Any] | None) -> Callable[..., Any] | None:
        """The kernel, for which it does not matter how arrays lie in memory; an elementwise one rounds alike anyway."""
        if kernel is None or self.elementwise:
            return kernel

        def chosen(n: Any) -> Any:
            pair = len(self.inputs) == 2 and not any(a.is_list for a in self.inputs)
            return in_rows(n, kernel(n), self.blas, self.one_piece, pair, self.alike_from)

        return chosen

    @cached_property
    def _sides(self) -> tuple[tuple[Arg, ...], tuple[Arg, ...]]:
        left, _, right = self.cls.signature.partition("->")  # type: ignore[attr-defined]
        sides = []
        for side in (left, right):
            args = []
            for part in side.split(","):
                if part.strip():
                    name, spec = part.split(":", 1)
                    args.append(Arg(name.strip(), spec.strip().replace(" ", "")))
            sides.append(tuple(args))
        return sides[0], sides[1]

    @cached_property
    def inputs(self) -> tuple[Arg, ...]:
        return self._sides[0]

    @cached_property
    def outputs(self) -> tuple[Arg, ...]:
        return self._sides[1]

    @cached_property
    def attrs(self) -> dict[str, Attr]:
        text = getattr(self.cls, "attrs", "")
        parsed = [Attr(p) for p in text.split(";") if p.strip()]
        return {a.name: a for a in parsed}

    @cached_property
    def writes(self) -> bool:
        """Whether it takes a variable's own buffer."""
        return any(a.is_ref for a in self.inputs)

    @cached_property
    def inferred(self) -> frozenset[str]:
        """Attrs that follow from the inputs."""
        return frozenset(a for arg in self.inputs
                         for a in (arg.type_attr, arg.number_attr, arg.type_list_attr) if a)

    @cached_property
    def defaults(self) -> dict[str, Any]:
        return {a.name: a.check(a.default, self.name) if a.default is not None else None
                for a in self.attrs.values() if a.default is not Attr.NONE}

    def output_dtypes(self, attrs: dict[str, Any]) -> list[DType]:
        """The dtype of each output tensor."""
        out: list[DType] = []
        for arg in self.outputs:
            if arg.type_list_attr:
                out += attrs[arg.type_list_attr]
                continue
            dtype = arg.dtype or attrs[arg.type_attr]
            dtype = dtype.ref if arg.is_ref else dtype
            out += [dtype] * (attrs[arg.number_attr] if arg.number_attr else 1)
        return out

    def group(self, args: Sequence[Arg], items: Sequence[Any], attrs: dict[str, Any]) -> list[Any]:
        """Flat tensors (or shapes) as the arguments of the signature: lists where it says so."""
        if len(args) == len(items) and not any(a.is_list for a in args):
            return list(items)
        out: list[Any] = []
        at = 0
        for arg in args:
            if not arg.is_list:
                out.append(items[at])
                at += 1
                continue
            size = attrs[arg.number_attr] if arg.number_attr else len(attrs[arg.type_list_attr])
            out.append(list(items[at:at + size]))
            at += size
        return out

    def infer_into(self, node: Node) -> None:
        """Sets the static shapes of a node's outputs. Raises what ``infer`` raises."""
        if self.infer is None:
            return
        shapes = [t.static for t in node.inputs]
        result = self.infer(InferContext(node), *self.group(self.inputs, shapes, node.attrs))
        outputs = node.outputs
        if len(outputs) == 1 and not isinstance(result, list):
            outputs[0].static = result
            return
        if result is None:
            return
        for tensor, static in zip(outputs, result, strict=True):
            tensor.static = static


class InferContext:
    """What an ``infer`` may ask of its node beyond the shapes that it is given."""

    __slots__ = ("node", "attrs")

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

    def dtype(self, index: int) -> DType:
        return self.node.inputs[index].dtype.base_dtype

    def fail(self, message: str, hint: str | None = None) -> NoReturn:
        """Refuses the node: ``message`` says the law, the inputs are added; not the constants that the call made."""
        node = self.node
        args = ", ".join(dict.fromkeys(f"{t.op.name} is {show(t.static)}" for t in node.inputs
                                       if t.op.type != "Const" or not t.op.name.startswith(f"{node.name}/")))
        raise InvalidValue(f"{node.type} {node.name!r}: {message}" + (f": {args}" if args else ""),
                           node.span, hint=hint)

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


def no_gradient(tf: Any, op: Node, *grads: Tensor | None) -> list[None]:
    """The gradient of an op that TensorFlow declares not differentiable (ops.NotDifferentiable)."""
    return [None] * len(op.inputs)


def undefined_gradient(tf: Any, op: Node, *grads: Tensor | None) -> NoReturn:
    """The gradient of an op for which TensorFlow defines none: who asks for it is told so by the walker."""
    raise NotSupported(f"{op.type} has no gradient", op.span)


def same_shape(n: InferContext, x: Static, *others: Static) -> Static:
    """Inference of ops whose output has the shape of their first input."""
    return x


def broadcast_shape(n: InferContext, x: Static, y: Static) -> Static:
    """Inference of binary ops that broadcast."""
    return n.broadcast(x, y)


def scalar_shape(n: InferContext, *inputs: Any) -> Static:
    return ()


_REGISTRY: dict[str, OpDef] = {}
FAMILIES: tuple[str, ...] = ()


def op(cls: type) -> type:
    """Registers the op type that a class describes."""
    made = OpDef(cls)
    _REGISTRY[made.name] = made
    return cls


def _load_all() -> None:
    importlib.import_module("graphcli.ops").load_all()


def find_op(name: str) -> OpDef | None:
    """The op type, or None. Loads only the family that has it."""
    found = _REGISTRY.get(name)
    if found is None:
        importlib.import_module("graphcli.ops").load(name)
        found = _REGISTRY.get(name)
    return found


def get_op(name: str) -> OpDef:
    """The op type. Raises NotFound with the nearest name."""
    found = find_op(name)
    if found is None:
        raise NotFound(f"unknown op type {name!r}", hint=did_you_mean(name, op_types()))
    return found


def op_types() -> list[str]:
    """The names of all op types, sorted."""
    _load_all()
    return sorted(_REGISTRY)
