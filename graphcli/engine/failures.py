"""Failures of a step, told with node, op, shapes, dtypes and the line of the spec."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from typing import Any, NoReturn

from ..errors import (
    Cancelled,
    Damaged,
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    GraphError,
    InvalidArgument,
    Law,
    NotFound,
    NothingThere,
    NotSupported,
    NoVariable,
    OutOfRange,
    ResourceExhausted,
    RunError,
    Unimplemented,
    Unknown,
    bug,
)
from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..graph.shapes import Static, show
from ..passes.effects import references
from ..passes.prune import Needed
from .arrived import refusal

OURS = (NameError, AttributeError, AssertionError)
"""What no value that is fed brings about, only a mistake in a kernel."""

LOOKED_UP = re.compile("Assign(Add|Sub)VariableOp|Resource(Gather|Scatter|Strided|CountUpTo)|VariableShape").match
"""Types of ops that find no variable where it has no value; to others it has none."""


def describe(value: Any) -> str:
    """``float32 [2, 3]`` of an array; what else it is where it is none."""
    if isinstance(value, Slot):
        value = value.value
        if value is None:
            return "an uninitialized variable"
    if isinstance(value, (list, tuple)):
        return ", ".join(describe(v) for v in value)
    shape = getattr(value, "shape", None)
    if shape is None:
        return type(value).__name__
    name = getattr(value.dtype, "name", "object")
    return f"{'string' if name == 'object' else name} {show(shape)}"


def size_text(size: float) -> str:
    """A number of bytes for a person."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024:
            return (f"{size:.0f} byte{'' if size == 1 else 's'}" if unit == "bytes" else f"{size:.1f} {unit}")
        size /= 1024
    return f"{size:.1f} TiB"


def failed(node: Node, error: BaseException, values: Sequence[Any]) -> RunError:
    """The error of a kernel as the user's: which node, what met, and where it is written."""
    if isinstance(getattr(error, "error", None), RunError):
        return error.error  # type: ignore[attr-defined,no-any-return]
    if isinstance(error, DeadlineExceeded):
        waited = DeadlineExceeded.told()
        return waited.note(f"{node.name} ({node.type}) waited", node.span)  # type: ignore[return-value]
    hint = getattr(error, "hint", None)
    if isinstance(error, OURS):
        mistake = bug(error)
        why, hint = mistake.message, mistake.hint
    elif isinstance(error, MemoryError):
        why = f"not enough memory: {error}" if str(error) else "not enough memory"
    else:
        # shapes that do not fit are told in the words of the op's inference, whatever its kernel says of them
        law = refusal(node, values) or getattr(error, "law", None)
        why = (law.text if law else getattr(error, "message", None) or _law(error) or str(error)
               or type(error).__name__)
        hint = law.hint if law else hint
    told = _kind(error)(f"{node.name} ({node.type}): {why}", node.span, hint=hint)
    told.op = node
    if values:
        names = [t.name for t in node.inputs]
        met = [f"{n} is {describe(v)}" for n, v in zip(names, values)]
        told.note("; ".join(met))
    for text, span in getattr(error, "notes", ()):
        told.note(text, span)
    return told


def misfit(node: Node, law: Law, shape: Callable[[Tensor], Static]) -> RunError:
    """``failed``, of a node that has not run: its inputs have these shapes, which do not fit."""
    told = InvalidArgument(f"{node.name} ({node.type}): {law.text}", node.span, hint=law.hint)
    told.op = node
    met = [f"{t.name} is {t.dtype.base_dtype.name} {show(shape(t))}" for t in node.inputs]
    told.note("; ".join(met))
    return told


def raise_as(told: Exception | None, error: Exception) -> NoReturn:
    """Raises an error as it was told, or as it is; neither holds this frame or that of who calls."""
    try:
        if told is None:
            raise error
        raise told from error
    finally:
        del told, error


def _kind(error: BaseException) -> type[RunError]:
    """TensorFlow's kind of an error of a kernel."""
    if isinstance(error, MemoryError):
        return ResourceExhausted
    for kind, told in ((NotSupported, Unimplemented), (NotFound, NothingThere), (DataLoss, Damaged)):
        if isinstance(error, kind):
            return told
    kinds = (Cancelled, FailedPrecondition, OutOfRange, ResourceExhausted, Unimplemented, Unknown)
    return next((k for k in kinds if isinstance(error, k)), InvalidArgument)


def _law(error: BaseException) -> str | None:
    """The law behind the words of numpy and Python about shapes, which differ from version to version."""
    if isinstance(error, GraphError) or not isinstance(error, (ValueError, TypeError, IndexError)):
        return None
    text = str(error)
    if "broadcast" in text:
        return "the shapes do not broadcast"
    if "core dimension" in text or "not aligned" in text:
        return "the inner dimensions differ"
    if "converted to Python scalars" in text or "truth value of an array" in text:
        return "an input that must be a scalar is none"
    return f"inputs of these shapes do not fit ({text})" if text else None


def uninitialized(variable: Node, user: Node | None = None) -> RunError:
    """A variable that is read before it has a value."""
    kind = NoVariable if user is not None and LOOKED_UP(user.type) else FailedPrecondition
    told = kind(
        f"the variable {variable.name!r} is not initialized", variable.span,
        hint="run its initializer first (Session.initialize())" if _has_initializer(variable) else
        "no collection of variables has it, so nothing initializes it; fetch an assign before it, "
        "or declare it with variables among its collections:")
    told.op = variable if user is None else user
    if user is not None:
        told.note(f"{user.name} ({user.type}) reads it", user.span)
    return told


def _has_initializer(variable: Node) -> bool:
    """Whether a session that initializes its variables knows of this one."""
    graph = variable.graph
    known = [v for key in ("variables", "local_variables") for v in graph.get_collection(key)]
    return any(getattr(v, "op", None) is variable for v in known)


def not_fed(missing: Sequence[Node], needed: Needed) -> RunError:
    """Placeholders that a fetch needs and no feed gives."""
    placeholder, *others = missing
    path = needed.path(placeholder)
    told = InvalidArgument(f"the placeholder {_placeholder(placeholder)} must be fed", placeholder.span,
                           hint=f"give it a value with --feed {placeholder.name}=...")
    told.op = placeholder
    if len(path) > 1:
        shown = [n.name for n in path]
        if len(shown) > 8:
            shown = [*shown[:4], "...", *shown[-3:]]
        told.note(f"needed by {' -> '.join(shown)}")
    for other in others[:8]:
        told.note(f"so must {_placeholder(other)}", other.span)
    return told


def _placeholder(node: Node) -> str:
    tensor = node.outputs[0]
    return f"{node.name!r} ({tensor.dtype.base_dtype.name} {show(tensor.static)})"


def written_to(nodes: Iterable[Node], fed: Set[Tensor]) -> RunError | None:
    """The error of a node that is to write to a variable in whose place a value is fed; None where there is none."""
    for node in nodes:
        for tensor in references(node):
            if tensor in fed:
                return InvalidArgument(f"{node.name} ({node.type}) writes to the variable {tensor.op.name!r}, in whose "
                                       "place a value is fed", node.span, hint=f"do not feed {tensor.op.name}, or "
                                       f"fetch nothing that needs {node.name}")
    return None


def dead(tensor: Tensor) -> RunError:
    """A tensor of a branch that was not taken, or of a loop."""
    if _waits_outside(tensor.op):
        return InvalidArgument(
            f"{tensor.name} has no value in this step: it is a gradient of a loop, made in tf.control_dependencies, "
            "whose ops the loop's last turn waits for in vain; TensorFlow leaves such an update out and says nothing",
            tensor.op.span, hint="call opt.compute_gradients outside of tf.control_dependencies, and only "
                                 "opt.apply_gradients in it")
    return InvalidArgument(f"{tensor.name} has no value in this step: it is inside of a loop, or of a branch that was "
                           "not taken", tensor.op.span, hint="fetch what tf.cond or tf.while_loop returns")


def _waits_outside(node: Node) -> bool:
    """Whether what ends a loop waits for an op from outside of it, which comes in by an Enter."""
    queue, seen = [node], {node}
    while queue and len(seen) < 200:
        node = queue.pop(0)
        if node.type == "NoOp" and any(c.type == "Identity" and c.inputs[0].op.type in ("Enter", "RefEnter")
                                       for c in node.control_inputs):
            return True
        for other in (*(t.op for t in node.inputs), *node.control_inputs):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return False
