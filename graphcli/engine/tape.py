"""Tape: symbols that stand for arrays while a kernel runs, and what writes its calls of numpy down."""
from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .instr import VECDOT, Instr, Shape

KINDS = "fiub"


class Untraceable(Exception):
    """A kernel that is not a list of ufunc calls."""


class Symbol(NDArrayOperatorsMixin):
    """An array that is not there yet."""

    __slots__ = ("tape", "number", "shape", "dtype")
    __array_priority__ = 1000.0

    def __init__(self, tape: Tape, number: int, shape: Shape, dtype: Any) -> None:
        self.tape = tape
        self.number = number
        self.shape = shape
        self.dtype = dtype

    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: int(np.prod(self.shape, dtype=np.int64)))
    itemsize = property(lambda self: self.dtype.itemsize)

    def _no(self, *args: Any, **options: Any) -> Any:
        raise Untraceable

    __bool__ = __int__ = __float__ = __index__ = __len__ = __iter__ = __getitem__ = __array__ = _no

    def __setitem__(self, key: Any, value: Any) -> None:
        if key is not Ellipsis:
            raise Untraceable
        self.tape.copy(self, value)

    def __getattr__(self, name: str) -> Any:
        raise Untraceable

    def astype(self, dtype: Any, **options: Any) -> Symbol:
        return self.tape.cast(self, np.dtype(dtype))

    def called(self, function: Any, *others: Any) -> Symbol:
        """``function(self, *others, out)``, a call like those of ufuncs, into an array like this one."""
        return self.tape.apply(function, self, *others)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "reduce":
            return self.tape.reduce(ufunc, *inputs, **options)
        if ufunc is VECDOT and method == "__call__":
            return self.tape.dot(*inputs, **options)
        if method != "__call__" or ufunc.signature is not None or ufunc.nout != 1:
            raise Untraceable
        return self.tape.call(ufunc, inputs, **options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return self.tape.function(function, args, options)


class _Module:
    """numpy, as a kernel sees it while it is traced."""

    traces = True

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def asarray(x: Any, dtype: Any = None, **options: Any) -> Any:
        if isinstance(x, Symbol):
            return x if dtype is None or np.dtype(dtype) == x.dtype else x.astype(dtype)
        return np.asarray(x, dtype, **options)

    @staticmethod
    def array(x: Any, dtype: Any = None, **options: Any) -> Any:
        if isinstance(x, Symbol):
            return x.astype(x.dtype if dtype is None else dtype)
        return np.array(x, dtype, **options)


MODULE = _Module()
_REDUCTIONS = {np.sum: np.add, np.max: np.maximum, np.min: np.minimum, np.amax: np.maximum, np.amin: np.minimum}


class Tape:
    def __init__(self) -> None:
        self.instrs: list[Instr] = []
        self.shapes: list[Shape] = []
        self.dtypes: list[Any] = []
        self.given = 0
        self.written: set[int] = set()

    def new(self, shape: Shape, dtype: Any) -> Symbol:
        self.shapes.append(shape)
        self.dtypes.append(dtype)
        return Symbol(self, len(self.shapes) - 1, shape, dtype)

    def _arg(self, value: Any, dtype: Any) -> Any:
        if isinstance(value, Symbol):
            return value.number
        if isinstance(value, (bool, int, float, complex)):
            return np.asarray(value, dtype)
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in KINDS:
            return np.asarray(value)
        raise Untraceable

    def _into(self, out: Any, shape: Shape, dtype: Any) -> Symbol:
        if out is None:
            return self.new(shape, dtype)
        target = out[0] if isinstance(out, tuple) else out
        if not isinstance(target, Symbol) or target.shape != shape:
            raise Untraceable
        if target.number < self.given:
            self.written.add(target.number)
        return target

    def call(self, ufunc: Any, inputs: Sequence[Any], out: Any = None, casting: Any = None, dtype: Any = None,
             where: Any = True) -> Symbol:
        if where is not True:
            raise Untraceable
        kinds = tuple(type(x) if type(x) in (int, float, complex, bool) else np.asarray(x).dtype
                      if not isinstance(x, Symbol) else x.dtype for x in inputs)
        found = resolved(ufunc, kinds)
        shape = np.broadcast_shapes(*[np.shape(x) if not isinstance(x, Symbol) else x.shape for x in inputs])
        args = tuple(self._arg(x, d) for x, d in zip(inputs, found))
        if any(isinstance(x, Symbol) and x.shape == shape for x in inputs):
            args = tuple(map(number_of, args))
        target = self._into(out, shape, found[-1])
        options = tuple((k, v) for k, v in (("casting", casting), ("dtype", dtype)) if v is not None)
        if dtype is not None:
            raise Untraceable
        self.instrs.append(Instr("call", ufunc, args, target.number, options))
        return target

    def reduce(self, ufunc: Any, x: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False,
               initial: Any = None, where: Any = True) -> Symbol:
        if not isinstance(x, Symbol) or where is not True or out is not None:
            raise Untraceable
        rank = len(x.shape)
        axes = tuple(range(rank)) if axis is None else tuple(
            sorted(a % rank for a in (axis if isinstance(axis, tuple) else (axis,))))
        if not axes:
            raise Untraceable
        kind = x.dtype if dtype is None else np.dtype(dtype)
        if dtype is None and ufunc is np.add and x.dtype.kind in "iub":
            raise Untraceable
        shape = tuple(1 if i in axes else d for i, d in enumerate(x.shape) if keepdims or i not in axes)
        target = self.new(shape, kind)
        options = (("axes", axes), ("keepdims", bool(keepdims)), ("initial", initial), ("dtype", kind))
        self.instrs.append(Instr("reduce", ufunc, (x.number,), target.number, options))
        return target

    def apply(self, function: Any, x: Symbol, *others: Any) -> Symbol:
        target = self.new(x.shape, x.dtype)
        args = (x.number, *(self._arg(o, x.dtype) for o in others))
        self.instrs.append(Instr("call", function, args, target.number))
        return target

    def dot(self, x: Any, y: Any, keepdims: bool = False) -> Symbol:
        """The products of rows with one constant row, a reduction of the last axis."""
        if not isinstance(x, Symbol) or isinstance(y, Symbol) or y.shape != x.shape[-1:] or y.dtype != x.dtype:
            raise Untraceable
        shape = (*x.shape[:-1], 1) if keepdims else x.shape[:-1]
        target = self.new(shape, x.dtype)
        options = (("axes", (len(x.shape) - 1,)), ("keepdims", keepdims), ("dtype", x.dtype))
        self.instrs.append(Instr("reduce", VECDOT, (x.number, y), target.number, options))
        return target

    def copy(self, target: Any, value: Any, casting: Any = None) -> None:
        if not isinstance(target, Symbol):
            raise Untraceable
        shape = np.shape(value) if not isinstance(value, Symbol) else value.shape
        if np.broadcast_shapes(shape, target.shape) != target.shape:
            raise Untraceable
        arg = number_of(self._arg(value, target.dtype))
        self._into(target, target.shape, target.dtype)
        self.instrs.append(Instr("copy", None, (arg,), target.number))

    def copied(self, value: Any, dtype: Any) -> Symbol:
        """A result that is one of what is given, or a constant."""
        target = self.new(np.shape(value) if not isinstance(value, Symbol) else value.shape, np.dtype(dtype))
        self.copy(target, value)
        return target

    def cast(self, x: Symbol, dtype: Any) -> Symbol:
        if dtype.kind not in KINDS or not isinstance(x, Symbol):
            raise Untraceable
        target = self.new(x.shape, dtype)
        self.instrs.append(Instr("copy", None, (x.number,), target.number))
        return target

    def where(self, condition: Any, x: Any, y: Any) -> Symbol:
        if getattr(condition, "dtype", None) != np.bool_:
            raise Untraceable
        parts = [v if type(v) in (int, float, bool) else v.dtype for v in (x, y)]
        dtype = np.result_type(*parts)
        shape = np.broadcast_shapes(*[v.shape if isinstance(v, Symbol) else np.shape(v) for v in (condition, x, y)])
        args = tuple(number_of(self._arg(v, d)) for v, d in ((condition, np.bool_), (x, dtype), (y, dtype)))
        target = self.new(shape, dtype)
        self.instrs.append(Instr("where", None, args, target.number))
        return target

    def mean(self, x: Symbol, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Symbol:
        """numpy's own steps: the sum, then a division in place by the count."""
        if x.dtype.kind != "f" or x.dtype.itemsize < 4:
            raise Untraceable
        total = self.reduce(np.add, x, axis, dtype, None, keepdims)
        number = np.intp(x.size // max(1, total.size))
        return self.call(np.true_divide, (total, number), out=(total,), casting="unsafe")

    def function(self, function: Any, args: Any, options: Any) -> Any:
        if function in _REDUCTIONS:
            options = {k: v for k, v in options.items() if v is not None or k == "axis"}
            return self.reduce(_REDUCTIONS[function], *args, **{"axis": None, **options})
        if function is np.mean:
            return self.mean(*args, **options)
        if function is np.where and len(args) == 3:
            return self.where(*args)
        if function is np.copyto:
            return self.copy(*args, **options)
        if function is np.shape:
            return args[0].shape
        if function is np.ndim:
            return len(args[0].shape)
        if function in (np.zeros_like, np.ones_like) and len(args) == 1 and not options:
            target = self.new(args[0].shape, args[0].dtype)
            self.instrs.append(Instr("copy", None, (np.asarray(function is np.ones_like, target.dtype),),
                                     target.number))
            return target
        raise Untraceable


def spread(value: Any) -> Any:
    """An array that is one number everywhere as a view of that number; None for another."""
    flat = value.reshape(-1)
    bits = flat.view(f"u{value.itemsize}") if value.dtype.kind in "fiub" and value.itemsize <= 8 else flat
    return np.broadcast_to(flat[0], value.shape) if (bits == bits[0]).all() else None


def number_of(value: Any) -> Any:
    """The only number of an array, or the one that ``spread`` found everywhere; another value as it is.

    What runs in blocks has another rank than what the kernel sees.
    """
    one = isinstance(value, np.ndarray) and value.ndim and (value.size == 1 or is_spread(value))
    return np.asarray(value[(0,) * value.ndim]) if one else value


def is_spread(value: Any) -> bool:
    return value.size > 1 and not any(value.strides)


_resolved: dict[Hashable, tuple[Any, ...]] = {}


def resolved(ufunc: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    """The dtypes in which numpy computes: of each input, and of the result."""
    key = (ufunc, kinds)
    found = _resolved.get(key)
    if found is None:
        try:
            found = _resolved[key] = tuple(ufunc.resolve_dtypes((*kinds, None)))
        except (TypeError, AttributeError):
            raise Untraceable from None
        if any(d.kind not in KINDS for d in found):
            raise Untraceable
    return found
