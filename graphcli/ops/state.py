"""Variables and what writes to them; a variable's own output is its buffer."""
from __future__ import annotations

from typing import Any

from ..errors import FailedPrecondition, OutOfRange, RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show


def initialized(slot: Any) -> Any:
    """The buffer of a variable. Raises RunError if it has none."""
    if slot.value is None:
        raise FailedPrecondition(f"Attempting to use uninitialized value {slot.name}")
    return slot.value


def writeable(array: Any) -> bool:
    """Whether a buffer may be written to; of a GPU all may."""
    return bool(getattr(array.flags, "writeable", True))


def kept(xp: Any, value: Any, dtype: Any, given: bool) -> Any:
    """The buffer of a variable that begins with a value: the array itself where it is given away and is no view. Its
    rows lie in one piece, however those of the value do: it is read more often than written."""
    if given and value.dtype == dtype and value.base is None and value.flags.c_contiguous and writeable(value):
        return value
    return xp.array(value, dtype, order="C") if xp.__name__ in ("numpy", "cupy") else xp.array(value, dtype)


@op
class VariableV2:
    """A buffer that lives as long as the session (tf.Variable)."""

    signature = " -> ref: Ref(dtype)"
    attrs = "shape: shape; dtype: type; container: string = ''; shared_name: string = ''"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        return n.attrs["shape"]

    def kernel(n: Any) -> Any:
        slot = n.state.slot(n.node)
        return lambda: slot


@op
class Variable:
    """VariableV2 of old graphs."""

    signature = " -> ref: Ref(dtype)"
    attrs = "shape: shape; dtype: type; container: string = ''; shared_name: string = ''"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        # TensorFlow reads a scalar shape here as an unknown one
        return n.attrs["shape"] or None

    def kernel(n: Any) -> Any:
        slot = n.state.slot(n.node)
        return lambda: slot


@op
class IsVariableInitialized:
    """Whether a variable has a value (tf.is_variable_initialized)."""

    signature = "ref: Ref(dtype) -> is_initialized: bool"
    attrs = "dtype: type"
    gradient = undefined_gradient

    def infer(n: Any, ref: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda slot: xp.asarray(slot.value is not None)


@op
class Assign:
    """Gives a variable a value (tf.assign)."""

    signature = "ref: Ref(T), value: T -> output_ref: Ref(T)"
    attrs = "T: type; validate_shape: bool = True; use_locking: bool = True"
    gradient = no_gradient

    def infer(n: Any, ref: Any, value: Any) -> Any:
        return n.merge(ref, value, "shapes of the variable and the value") if n.attrs["validate_shape"] else value

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        declared = n.node.inputs[0].op.attrs.get("shape") if n.attrs["validate_shape"] else None
        given = 1 in n.owned

        def assign(slot: Any, value: Any) -> Any:
            old = slot.value
            value = xp.asarray(value, dtype)
            if old is not None and old.shape == value.shape and writeable(old):
                xp.copyto(old, value)
                return slot
            if declared is not None and (len(declared) != value.ndim or any(
                    d is not None and d != s for d, s in zip(declared, value.shape))):
                raise RunError(f"the variable has shape {show(declared)}, the value {show(value.shape)}")
            slot.value = kept(xp, value, dtype, given)
            return slot

        return assign


def _update(n: Any, ref: Any, value: Any) -> Any:
    return n.merge(ref, value, "shapes of the variable and the value")


def _in_place(n: Any, function: Any) -> Any:
    xp = n.xp

    def update(slot: Any, value: Any) -> Any:
        buffer = initialized(slot)
        if buffer.shape != xp.shape(value):
            raise RunError(f"the variable has shape {show(buffer.shape)}, the value {show(xp.shape(value))}")
        function(buffer, value, out=buffer)
        return slot

    return update


@op
class AssignAdd:
    """Adds to a variable (tf.assign_add)."""

    signature = "ref: Ref(T), value: T -> output_ref: Ref(T)"
    attrs = "T: {numbertype}; use_locking: bool = False"
    infer = _update
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _in_place(n, n.xp.add)


@op
class AssignSub:
    """Subtracts from a variable (tf.assign_sub)."""

    signature = "ref: Ref(T), value: T -> output_ref: Ref(T)"
    attrs = "T: {numbertype}; use_locking: bool = False"
    infer = _update
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _in_place(n, n.xp.subtract)


def counting(n: Any) -> Any:
    """A kernel: the value of a variable, which then is one more."""
    limit, xp = n.attrs["limit"], n.xp

    def count(slot: Any) -> Any:
        buffer = initialized(slot)
        if buffer >= limit:
            raise OutOfRange(f"Reached limit of {limit}")
        old = xp.array(buffer)
        buffer += 1
        return old

    return count


@op
class CountUpTo:
    """The value of a variable, which then is one more; fails at the limit (tf.count_up_to)."""

    signature = "ref: Ref(T) -> output: T"
    attrs = "limit: int; T: {int32, int64}"
    gradient = undefined_gradient

    def infer(n: Any, ref: Any) -> Any:
        n.with_rank(ref, 0, "the variable")
        return ()

    kernel = counting
