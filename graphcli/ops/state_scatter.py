"""Writing rows and elements of variables at indices (tf.scatter_update, tf.scatter_nd_add and their like)."""
from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import compatible, show
from ._index_vectors import all_below, ignores, within
from ._rows import ROUNDS, at, at_tuples, many_of, taken
from .state import initialized

_INDICES = "Tindices: {int32, int64}"

UNDEFINED = ("ScatterUpdate", "ScatterMax", "ScatterMin", "ScatterNdMax", "ScatterNdMin")
"""Those that TensorFlow does not say are not differentiable: to ask for their gradient is refused."""


def check_rows(xp: Any, indices: Any, rows: int) -> None:
    """Raises RunError for the first index outside of ``rows``."""
    if indices.size and not all_below(indices, rows):
        bad = xp.argwhere((indices < 0) | (indices >= rows))[0]
        place = ", ".join(str(int(i)) for i in bad)
        raise RunError(f"indices[{place}] = {int(indices[tuple(bad)])} is not in [0, {rows})")


def _rows_shape(n: Any, ref: Any, indices: Any, updates: Any) -> Any:
    if ref is not None and len(ref) == 0:
        n.fail("the variable must have at least rank 1")
    if ref is not None and indices is not None and updates is not None and updates != ():
        if not compatible(updates, tuple(indices) + tuple(ref[1:])):
            n.fail(f"updates must have the shape of indices and then that of a row, "
                   f"{show(tuple(indices) + tuple(ref[1:]))}")
    return ref


def _by_rows(n: Any, write: Any) -> Any:
    xp = n.xp

    def scatter(slot: Any, indices: Any, updates: Any) -> Any:
        value = initialized(slot)
        indices = xp.asarray(indices)
        updates = xp.asarray(updates)
        wanted = indices.shape + value.shape[1:]
        if updates.shape != wanted:
            if updates.ndim:
                raise RunError(f"updates must have shape {show(wanted)}, not {show(updates.shape)}")
            updates = xp.broadcast_to(updates, wanted)
        check_rows(xp, indices, value.shape[0])
        write(value, indices, updates)
        return slot

    return scatter


def _put(value: Any, indices: Any, updates: Any) -> None:
    value[indices] = updates


class _Rows:
    signature = "ref: Ref(T), indices: Tindices, updates: T -> output_ref: Ref(T)"
    attrs = f"T: {{numbertype}}; {_INDICES}; use_locking: bool = False"


def _rows_op(name: str, doc: str, ufunc: str | None, attrs: str = _Rows.attrs) -> None:
    def kernel(n: Any) -> Any:
        if ufunc is None:
            return _by_rows(n, _put)
        function = n.xp.floor_divide if ufunc == "true_divide" and n.out().is_integer else getattr(n.xp, ufunc)
        if function is n.xp.floor_divide:
            return _by_rows(n, _truncating(n.xp).at)
        if ufunc in ("minimum", "maximum") and n.out().is_floating:
            return _by_rows(n, _extreme(n.xp, function, n.xp.inf if ufunc == "minimum" else -n.xp.inf))
        return _by_rows(n, partial(at, function))

    def scratch(n: Any) -> Any:
        return 0 if ufunc is None else taken(n, 2, n.size(1))

    op(type(name, (_Rows,), {"__doc__": doc, "__module__": __name__, "attrs": attrs, "infer": _rows_shape,
                             "kernel": kernel, "scratch": scratch,
                             "gradient": undefined_gradient if name in UNDEFINED else no_gradient}))


def _extreme(xp: Any, function: Any, least: float) -> Any:
    """Writes extremes, of which an update that is no number is none; a row that holds none keeps it."""
    def write(value: Any, indices: Any, updates: Any) -> None:
        if updates.size and xp.isnan(updates.max()):
            updates = xp.where(xp.isnan(updates), updates.dtype.type(least), updates)
        at(function, value, indices, updates)

    return write


class _truncating:
    """Integer division of C, which rounds towards zero."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def at(self, value: Any, indices: Any, updates: Any) -> None:
        if not updates.all():
            raise RunError("integer division by zero")
        flat = indices.reshape(-1)
        rows = updates.reshape((flat.size, *value.shape[1:]))
        many = many_of(4 * rows[:1].nbytes)
        for start in range(0, flat.size, many):
            self._at(value, flat[start:start + many], rows[start:start + many])

    def _at(self, value: Any, flat: Any, rows: Any) -> None:
        """What comes again is divided again, once all others are."""
        xp = self.xp
        for _ in range(ROUNDS):
            first = xp.unique(flat, return_index=True)[1]
            self._once(value, flat[first], rows[first])
            if len(first) == len(flat):
                return
            later = xp.ones(len(flat), bool)
            later[first] = False
            flat, rows = flat[later], rows[later]
        for i, row in zip(flat.tolist(), rows):
            self._once(value, i, row)

    def _once(self, value: Any, where: Any, rows: Any) -> None:
        xp, old = self.xp, value[where]
        quotient = xp.abs(old) // xp.abs(rows)
        value[where] = xp.where((old < 0) != (rows < 0), -quotient, quotient)


_SELECT = f"T: {{float16, bfloat16, float32, float64, int32, int64}}; {_INDICES}; use_locking: bool = False"
_rows_op("ScatterUpdate", "Writes rows (tf.scatter_update); of equal indices the last counts.", None,
         f"T: type; {_INDICES}; use_locking: bool = True")
_rows_op("ScatterAdd", "Adds to rows (tf.scatter_add).", "add")
_rows_op("ScatterSub", "Subtracts from rows (tf.scatter_sub).", "subtract")
_rows_op("ScatterMul", "Multiplies rows (tf.scatter_mul).", "multiply")
_rows_op("ScatterDiv", "Divides rows (tf.scatter_div).", "true_divide")
_rows_op("ScatterMin", "The smaller of rows and updates (tf.scatter_min).", "minimum", _SELECT)
_rows_op("ScatterMax", "The greater of rows and updates (tf.scatter_max).", "maximum", _SELECT)


# -- by index tuples

def _nd_shape(n: Any, ref: Any, indices: Any, updates: Any) -> Any:
    if ref is not None and indices is not None and updates is not None and indices:
        depth = indices[-1]
        if depth is not None:
            if depth > len(ref):
                n.fail(f"indices have {depth} coordinates, the variable {len(ref)} axes")
            wanted = tuple(indices[:-1]) + tuple(ref[depth:])
            if not compatible(updates, wanted):
                n.fail(f"updates must have shape {show(wanted)}")
    return ref


def _by_tuples(n: Any, write: Any) -> Any:
    xp, ignore = n.xp, ignores(n)

    def scatter(slot: Any, indices: Any, updates: Any) -> Any:
        value = initialized(slot)
        depth = indices.shape[-1]
        wanted = indices.shape[:-1] + value.shape[depth:]
        if depth > value.ndim or updates.shape != wanted:
            raise RunError(f"updates must have shape {show(wanted)}, not {show(updates.shape)}")
        flat = indices.reshape(-1, depth)
        rows = updates.reshape((len(flat),) + value.shape[depth:])
        good = within(xp, flat, value.shape, ignore)
        if good is not None:
            flat, rows = flat[good], rows[good]
        write(value, tuple(flat.T), rows)
        return slot

    return scatter


def _tuples_op(name: str, doc: str, ufunc: str | None, attrs: str) -> None:
    def kernel(n: Any) -> Any:
        return _by_tuples(n, _put if ufunc is None else partial(at_tuples, getattr(n.xp, ufunc)))

    def scratch(n: Any) -> Any:
        return 0 if ufunc is None else taken(n, 2, prod(n.shapes[1][:-1]))

    op(type(name, (_Rows,), {"__doc__": doc, "__module__": __name__, "attrs": attrs, "infer": _nd_shape,
                             "kernel": kernel, "scratch": scratch,
                             "gradient": undefined_gradient if name in UNDEFINED else no_gradient}))


_ND = f"T: {{numbertype}}; {_INDICES}; use_locking: bool = False; bad_indices_policy: string = ''"
_tuples_op("ScatterNdUpdate", "Writes elements or slices (tf.scatter_nd_update).", None,
           f"T: type; {_INDICES}; use_locking: bool = True; bad_indices_policy: string = ''")
_tuples_op("ScatterNdAdd", "Adds to elements or slices (tf.scatter_nd_add).", "add", _ND)
_tuples_op("ScatterNdSub", "Subtracts from elements or slices (tf.scatter_nd_sub).", "subtract", _ND)
_tuples_op("ScatterNdMax", "The greater of elements and updates.", "maximum", _ND)
_tuples_op("ScatterNdMin", "The smaller of elements and updates.", "minimum", _ND)
