"""Resource variables: a handle, and the ops that read and write by it. A read is a copy of the value at its point."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.flow import variable_behind
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import Static, count, show
from .state import counting, initialized, kept, writeable

_INDEX = "Tindices: {int32, int64}"


def shape_of_handle(n: Any) -> Static:
    """The shape of the variable behind the first input, None where the handle comes from elsewhere."""
    variable = variable_behind(n.node.inputs[0])
    return None if variable is None else variable.attrs["shape"]


def value_fits(n: Any, handle: Any, value: Any) -> list[Static]:
    """Refuses a value of another shape than that of the variable."""
    n.merge(shape_of_handle(n), value, "shapes of the variable and the value")
    return []


@op
class VarHandleOp:
    """The handle of a variable."""

    signature = " -> resource: resource"
    attrs = ("container: string = ''; shared_name: string = ''; debug_name: string = ''; dtype: type; shape: shape; "
             "allowed_devices: list(string) = []")
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        slot = n.state.slot(n.node)
        return lambda: slot


@op
class ReadVariableOp:
    """The value of a variable as it is now."""

    signature = "resource: resource -> value: dtype"
    attrs = "dtype: type"
    stateful = True

    def infer(n: Any, resource: Any) -> Any:
        return shape_of_handle(n)

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda slot: xp.array(initialized(slot))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class VarIsInitializedOp:
    """Whether a variable has a value."""

    signature = "resource: resource -> is_initialized: bool"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, resource: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda slot: xp.asarray(slot.value is not None)


@op
class VariableShape:
    """The sizes of a variable."""

    signature = "input: resource -> output: out_type"
    attrs = "out_type: {int32, int64} = int32"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, resource: Any) -> Any:
        shape = shape_of_handle(n)
        return (None if shape is None else len(shape),)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return lambda slot: xp.asarray(initialized(slot).shape, dtype)


@op
class AssignVariableOp:
    """Gives a variable a value."""

    signature = "resource: resource, value: dtype -> "
    attrs = "dtype: type; validate_shape: bool = False"
    stateful = True
    infer, gradient = value_fits, undefined_gradient

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.attrs["dtype"].as_numpy_dtype
        declared = shape_of_handle(n) if n.attrs["validate_shape"] else None
        given = 1 in n.owned

        def assign(slot: Any, value: Any) -> None:
            value = xp.asarray(value, dtype)
            if declared is not None and (len(declared) != value.ndim or any(
                    d is not None and d != s for d, s in zip(declared, value.shape))):
                raise RunError(f"the variable has shape {show(declared)}, the value {show(value.shape)}")
            old = slot.value
            if old is not None and old.shape == value.shape and writeable(old):
                xp.copyto(old, value)
            else:
                slot.value = kept(xp, value, dtype, given)

        return assign


def _update(name: str, doc: str, ufunc: str) -> None:
    def kernel(n: Any) -> Any:
        xp = n.xp
        function = getattr(xp, ufunc)

        def update(slot: Any, value: Any) -> None:
            buffer = initialized(slot)
            if buffer.shape != xp.shape(value):
                raise RunError(f"the variable has shape {show(buffer.shape)}, the value {show(xp.shape(value))}")
            function(buffer, value, out=buffer)

        return update

    op(type(name, (), {"__doc__": doc, "__module__": __name__, "signature": "resource: resource, value: dtype -> ",
                       "attrs": "dtype: type", "stateful": True, "infer": value_fits, "kernel": kernel,
                       "gradient": undefined_gradient}))


_update("AssignAddVariableOp", "Adds to a variable.", "add")
_update("AssignSubVariableOp", "Subtracts from a variable.", "subtract")


@op
class ResourceCountUpTo:
    """The value of a variable, which then is one more; fails at the limit (tf.count_up_to)."""

    signature = "resource: resource -> output: T"
    attrs = "limit: int; T: {int32, int64}"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, resource: Any) -> Any:
        return ()

    kernel = counting


@op
class DisableCopyOnRead:
    """Says that reads of a variable need no copies; there is nothing to do."""

    signature = "resource: resource -> "
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda slot: None


@op
class DestroyResourceOp:
    """Takes a variable's value away."""

    signature = "resource: resource -> "
    attrs = "ignore_lookup_error: bool = True"
    stateful = True
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def destroy(slot: Any) -> None:
            slot.value = None

        return destroy


@op
class ResourceGather:
    """Rows of a variable, by their numbers."""

    signature = "resource: resource, indices: Tindices -> output: dtype"
    attrs = f"batch_dims: int = 0; validate_indices: bool = True; dtype: type; {_INDEX}"
    stateful = True

    def infer(n: Any, resource: Any, indices: Any) -> Any:
        shape, batch = shape_of_handle(n), n.attrs["batch_dims"]
        if shape is None or indices is None or not 0 <= batch <= len(indices):
            return None
        return tuple(indices) + tuple(shape[batch + 1:])

    def kernel(n: Any) -> Any:
        from .state_scatter import check_rows

        xp, batch = n.xp, n.attrs["batch_dims"]
        if batch:
            raise RunError(f"batch_dims={batch} of ResourceGather is not run here")

        def gather(slot: Any, indices: Any) -> Any:
            value = initialized(slot)
            indices = xp.asarray(indices)
            check_rows(xp, indices, value.shape[0])
            return value[indices]

        return gather

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        handle, indices = op.inputs
        variable = variable_behind(handle)
        known = None if variable is None else variable.attrs["shape"]
        shape = tf.apply_op("VariableShape", None, [handle]) if count(known) is None else tf.constant(known, "int32")
        size = tf.expand_dims(tf.size(indices), 0)
        values = tf.reshape(grad, tf.concat([size, shape[1:]], 0))
        return [tf.IndexedSlices(values, tf.reshape(indices, size), shape), None]


@op
class ResourceGatherNd:
    """Elements or slices of a variable, by tuples of numbers."""

    signature = "resource: resource, indices: Tindices -> output: dtype"
    attrs = f"dtype: type; {_INDEX}"
    stateful = True

    def infer(n: Any, resource: Any, indices: Any) -> Any:
        shape = shape_of_handle(n)
        if shape is None or not indices or indices[-1] is None or indices[-1] > len(shape):
            return None
        return tuple(indices[:-1]) + tuple(shape[indices[-1]:])

    def kernel(n: Any) -> Any:
        xp = n.xp

        def gather(slot: Any, indices: Any) -> Any:
            value = initialized(slot)
            depth = indices.shape[-1]
            flat = indices.reshape(-1, depth)
            limits = xp.asarray(value.shape[:depth], flat.dtype)
            if depth > value.ndim or ((flat < 0) | (flat >= limits)).any():
                raise RunError(f"indices do not index into shape {show(value.shape)}")
            return value[tuple(flat.T)].reshape(indices.shape[:-1] + value.shape[depth:])

        return gather

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        handle, indices = op.inputs
        shape = tf.apply_op("VariableShape", None, [handle], {"out_type": indices.dtype})
        if indices.static is not None and len(indices.static) == 2 and indices.static[1] == 1:
            return [tf.IndexedSlices(grad, tf.squeeze(indices, axis=-1), shape), None]
        return [tf.scatter_nd(indices, grad, shape), None]
