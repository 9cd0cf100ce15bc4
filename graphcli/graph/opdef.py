"""OpDef: the form that an op fills in, and the registry of op types.

An op is one decorated class in ``ops/``; read ``ops/matmul.py`` for how one looks:

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

How signature and attrs are written: signature.py.
``takes = "perm: [?]; axis: []"``: shapes that inputs must have, see takes.py.
``no_kernel = "T: float16"``: dtypes that the op takes and TensorFlow has no kernel for; a run refuses them.
``never(attrs)``: why no run goes through with such attrs, whatever is fed, or nothing; ``check`` tells it.
``spends = "a"``: inputs over which the kernel writes where nobody else needs them; its results are new memory.
``one_piece = True``: the kernel sums in an order that follows how arrays lie in memory, and gets them in one piece.
``cpu_only = True`` (a module's ``CPU_ONLY``): the kernel is of this process's arrays, whatever device it stands on.
``host_memory = "shape, axis"``: inputs that any kernel reads as numbers, so that they are not to lie on a GPU.
``alike_from = 1_000_000``: a product of matrices, of the same bits however they lie from so many multiplications on.
"""
from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import InvalidArgument, InvalidType, InvalidValue, NotFound, NotSupported, did_you_mean
from .in_blocks import in_blocks
from .in_rows import in_rows
from .inference import InferContext, InStep, same_count
from .parts import Parts
from .signature import Arg, Attr
from .takes import taking
from .types import DType

if TYPE_CHECKING:
    from .graph import Node, Tensor


class OpDef:
    """An op type: its signature, inference, kernel and gradient."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.name: str = cls.__dict__.get("type_name", cls.__name__)
        self.doc: str = (cls.__doc__ or "").strip()
        space = cls.__dict__
        self.infer: Callable[..., Any] | None = space.get("infer")
        if self.infer is not None and (takes := space.get("takes", "")):
            self.infer = taking(self.infer, takes, lambda: self.inputs)
        self.blas: bool = getattr(sys.modules[cls.__module__], "BLAS", False)
        """Whether its family says that its kernels call BLAS."""
        self.cpu_only: bool = space.get("cpu_only", getattr(sys.modules[cls.__module__], "CPU_ONLY", False))
        self.elementwise: bool = space.get("elementwise", False)
        self.one_piece: bool = space.get("one_piece", False)
        self.alike_from: int = space.get("alike_from", 0)
        self.shares: bool = space.get("shares", False)
        """Whether its kernel shares the work among threads itself, so that parts are taken one after the other."""
        self.uncut: Callable[[Any], bool] | None = space.get("uncut")
        """By shapes, whether it takes less as a whole than in parts."""
        self.alone: Callable[[Any], bool] | None = space.get("alone")
        """By the inputs' shapes, whether its kernel treats large entries one by one, and puts each in its place."""
        without = [part.partition(":") for part in space.get("no_kernel", "").split(";") if part]
        self._lacking = {attr.strip(): frozenset(d.strip() for d in names.split(",")) for attr, _, names in without}
        self.never: Callable[[Mapping[str, Any]], str] | None = space.get("never")
        self.kernel: Callable[..., Any] | None = self._guarded(space.get("kernel"))
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
        self.spends: tuple[int, ...] = ()
        if "spends" in space:
            self.spends = tuple([a.name for a in self.inputs].index(name) for name in space["spends"].split(", "))
        self.module = cls.__module__

    def lacking(self, attrs: Mapping[str, Any]) -> str:
        """Why TensorFlow has no kernel for the dtypes of a node, nothing where it has one."""
        for attr, names in self._lacking.items():
            if attr in attrs and attrs[attr].name in names:
                return f"TensorFlow has no kernel of {self.name} for {attrs[attr].name}"
        return ""

    def _guarded(self, kernel: Callable[..., Any] | None) -> Callable[..., Any] | None:
        """The kernel, refused for the dtypes that TensorFlow's op takes and its kernels on a CPU do not, and for inputs
        of other sizes where these must be one."""
        counted = self.infer is same_count
        if kernel is None or not self._lacking and not counted:
            return kernel

        def chosen(n: Any) -> Any:
            if counted:
                same_count(InStep(n.node), *(t.static for t in n.node.inputs))
            if why := self.lacking(n.attrs):
                raise InvalidArgument(why, hint="tf.cast converts a tensor")
            return kernel(n)

        return chosen

    def _cut(self, cut: Any) -> None:
        """Takes the kernel in parts; which inputs are cut may follow from attrs."""
        kernel, scratch = self.kernel, self.scratch

        def of(attrs: dict[str, Any]) -> Parts:
            return Parts(self, cut(attrs) if callable(cut) else cut, scratch)

        def chosen(n: Any) -> Any:
            from .in_parts import in_parts

            return in_parts(of(n.attrs), n, kernel(n))  # type: ignore[misc]

        if kernel is not None:
            self.parts = of
            self.kernel = chosen
            self.scratch = lambda n: of(n.attrs).taken(n)

    def _laid_out(self, kernel: Callable[..., Any] | None) -> Callable[..., Any] | None:
        """The kernel, for which it does not matter how arrays lie in memory; an elementwise one rounds alike anyway."""
        if kernel is None:
            return None
        if self.elementwise:
            return lambda n: in_blocks(n, kernel(n))

        def chosen(n: Any) -> Any:
            pair = len(self.inputs) == 2 and not any(
                a.is_list or a.dtype is not None and a.dtype.name in ("resource", "variant") for a in self.inputs)
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
    def host_memory(self) -> frozenset[int]:
        """The places of the inputs that the kernel reads as numbers (HostMemory of TensorFlow's kernels)."""
        names = [a.name for a in self.inputs]
        said = self.cls.__dict__.get("host_memory", "")
        return frozenset(names.index(name.strip()) for name in said.split(",") if name.strip())

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


def flows(tensor: Tensor) -> bool:
    """Whether gradients flow through a tensor of this dtype."""
    dtype = tensor.dtype.base_dtype
    return dtype.is_floating or dtype.is_complex or dtype.name in ("resource", "variant")


def no_gradient(tf: Any, op: Node, *grads: Tensor | None) -> list[None]:
    """The gradient of an op that TensorFlow declares not differentiable (ops.NotDifferentiable)."""
    return [None] * len(op.inputs)


def undefined_gradient(tf: Any, op: Node, *grads: Tensor | None) -> NoReturn:
    """The gradient of an op for which TensorFlow defines none: who asks for it is told so by the walker."""
    raise NotSupported(f"{op.type} has no gradient", op.span)


_REGISTRY: dict[str, OpDef] = {}


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


def op_of(name: str, functions: Mapping[str, Any]) -> OpDef | None:
    """The op type, or that of a call of one of some functions (FunctionDef by name), or None."""
    found = find_op(name)
    if found is None and name in functions:
        made: OpDef = importlib.import_module("graphcli.ops._calls").call_of(functions[name])
        return made
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


def unlike(op_type: str, attrs: Mapping[str, Any]) -> tuple[str, str | None]:
    """Why a node of a file has no op type here, and a hint: there is none of the name, or none with such an attr."""
    found = find_op(op_type)
    if found is None:
        return f"this engine has no op {op_type!r}", did_you_mean(op_type, op_types())
    for name, attr in found.attrs.items():
        try:
            if name in attrs:
                attr.check(attrs[name], op_type)
        except (InvalidType, InvalidValue) as error:
            return error.message, error.hint
    return f"this engine has another {op_type}", None
