"""The arrays and ufuncs of the stand-in, apart from its names, some of which are Python's own."""
from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy

SURFACE = json.loads((Path(__file__).parents[1] / "surface.json").read_text())
_KINDS = frozenset("?bhilqBHILQefdFD") | {"E"}
VIEWS = {"reshape", "ravel", "view", "transpose", "squeeze"}
REDUCES = {"add", "multiply"}
AT = {"add": "iIlLqQefd", "subtract": "iI"}
"""The dtypes of which cupy changes places; of maximum and minimum those that it does not round."""


class ndarray:
    """An array of the device."""

    __slots__ = ("_a", "tag", "__weakref__")
    __array_priority__ = 100

    def __new__(cls, shape: Any, dtype: Any = float, memptr: Any = None, strides: Any = None,
                order: str = "C") -> ndarray:
        return made(numpy.ndarray(shape, dtype, order=order))

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy "
                        "array explicitly.")

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {"shape": self._a.shape, "typestr": self._a.dtype.str, "data": (0, False), "version": 3}

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        mine = vars(sys.modules[__package__]).get(ufunc.__name__)
        if mine is None:
            return NotImplemented
        if "out" in kwargs:
            kwargs["out"] = kwargs["out"][0] if len(kwargs["out"]) == 1 else kwargs["out"]
        return (mine if method == "__call__" else getattr(mine, method))(*inputs, **kwargs)

    def __array_function__(self, func: Any, kinds: Any, args: Any, kwargs: Any) -> Any:
        space: Any = vars(sys.modules[__package__])
        for part in func.__module__.split(".")[1:]:
            space = getattr(space, part, {}) if not isinstance(space, dict) else vars(space.get(part, object))
        mine = (space if isinstance(space, dict) else vars(space)).get(func.__name__) if space else None
        return NotImplemented if mine is None else mine(*args, **kwargs)

    def __getitem__(self, at: Any) -> Any:
        return _of(made(self._a[index(at)]), self)

    def __setitem__(self, at: Any, value: Any) -> None:
        self._a[index(at)] = taken(value)

    def __len__(self) -> int:
        return len(self._a)

    def __iter__(self) -> Any:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(_read(self))

    def __int__(self) -> int:
        return int(_read(self))

    def __index__(self) -> int:
        return _read(self).__index__()

    def __float__(self) -> float:
        return float(_read(self))

    def __complex__(self) -> complex:
        return complex(_read(self))

    def __repr__(self) -> str:
        return f"standin {self._a!r}"

    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name not in SURFACE["ndarray"]:
            raise AttributeError(f"cupy's ndarray has no {name!r}")
        if name == "flags":
            return _Flags(self._a)
        found = getattr(self._a, name)
        if callable(found) and not isinstance(found, numpy.ndarray):
            method = wrapped(found, SURFACE["methods"][name])
            return (lambda *args, **kwargs: _of(method(*args, **kwargs), self)) if name in VIEWS else method
        return _of(made(found), self) if isinstance(found, (numpy.ndarray, numpy.generic)) else found

    def get(self) -> Any:
        return _read(self).copy()

    def set(self, arr: Any, stream: Any = None) -> None:
        assert type(arr) is numpy.ndarray and arr.shape == self.shape and arr.dtype == self.dtype
        self._a[...] = arr

    def item(self, *at: Any) -> Any:
        return _read(self).item(*at)

    def tolist(self) -> Any:
        return _read(self).tolist()

    @property
    def base(self) -> Any:
        return None if self._a.base is None else made(self._a.base)


def _of(made: Any, source: ndarray) -> Any:
    """A view of an array bears its tag."""
    if isinstance(made, ndarray):
        made.tag = source.tag
    return made


reads: list[Any] = []
"""Of the arrays that came to the host the tags, one for each time: a GPU is waited for then."""


def _read(array: ndarray) -> Any:
    reads.append(array.tag)
    return array._a


class _Flags:
    """cupy's flags are three."""

    def __init__(self, array: Any) -> None:
        self.c_contiguous = array.flags.c_contiguous
        self.f_contiguous = array.flags.f_contiguous
        self.owndata = array.flags.owndata
        self.fnc = array.flags.fnc
        self.forc = array.flags.forc


def _operator(name: str) -> Any:
    def run(self: ndarray, *others: Any) -> Any:
        for other in others:
            if not isinstance(other, (ndarray, int, float, complex, numpy.generic)):
                if isinstance(other, numpy.ndarray):
                    raise TypeError(f"Unsupported type {type(other)}")
                return NotImplemented
        found = getattr(self._a, name)(*[taken(o) for o in others])
        if found is NotImplemented:
            return found
        return self if found is self._a else made(found)

    return run


for _name in [n for n in SURFACE["dunder"] if hasattr(numpy.ndarray, n) and n not in vars(ndarray)
              and n.strip("_") in set("abs add and divmod floordiv iadd iand ifloordiv ilshift imod imul invert ior "
                                      "ipow irshift isub itruediv ixor lshift matmul mod mul neg or pos pow radd rand "
                                      "rdivmod rfloordiv rlshift rmatmul rmod rmul ror rpow rrshift rshift rsub "
                                      "rtruediv rxor sub truediv xor".split())] + [
                                          "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"]:
    setattr(ndarray, _name, _operator(_name))
ndarray.__hash__ = None  # type: ignore[assignment]


def made(value: Any) -> Any:
    """A result of numpy's as one of the device's."""
    if isinstance(value, (tuple, list)):
        kind = type(value)
        return kind(*map(made, value)) if hasattr(value, "_fields") else kind(map(made, value))
    if not isinstance(value, (numpy.ndarray, numpy.generic)):
        return value
    array = numpy.asarray(value)
    if array.dtype.char not in _KINDS and array.dtype.name != "bfloat16":
        raise ValueError(f"Unsupported dtype {array.dtype}")
    out = object.__new__(ndarray)
    out._a = array
    out.tag = None
    return out


def taken(value: Any) -> Any:
    """An argument as numpy takes it. Arrays of numpy are refused."""
    if isinstance(value, ndarray):
        return value._a
    if isinstance(value, numpy.ndarray):
        raise TypeError(f"Unsupported type {type(value)}")
    if isinstance(value, (list, tuple)):
        return type(value)(map(taken, value))
    return value


def index(at: Any) -> Any:
    if isinstance(at, tuple):
        return tuple(index(a) for a in at)
    if isinstance(at, numpy.ndarray):
        raise TypeError("an index that lies on the host")
    return taken(at)


def wrapped(function: Any, parameters: list[str] | None) -> Any:
    def run(*args: Any, **kwargs: Any) -> Any:
        if parameters is not None and "kwargs" not in parameters:
            strange = set(kwargs) - set(parameters)
            few = len(args) > len(parameters) and not {"args", "shape", "axes"} & set(parameters)
            if strange or few:
                raise TypeError(f"{function.__name__}() got unexpected arguments {sorted(strange)}")
        return made(function(*map(taken, args), **{k: taken(v) for k, v in kwargs.items()}))

    run.__name__ = getattr(function, "__name__", "function")
    return run


class ufunc:
    """A ufunc of the device: places for results, a dtype, and nothing else."""

    def __init__(self, name: str) -> None:
        self.name = f"cupy_{name}"
        self.__name__ = name
        self._u = getattr(numpy, name)
        self.nin, self.nout, self.nargs = self._u.nin, self._u.nout, self._u.nargs
        self.types = SURFACE["types"][name]

    def __call__(self, *args: Any, out: Any = None, dtype: Any = None, casting: str = "same_kind") -> Any:
        for a in args:
            if not isinstance(a, (ndarray, bool, int, float, complex, numpy.generic)):
                raise TypeError(f"Unsupported type {type(a)}")
        given = {} if dtype is None else {"dtype": dtype}
        values = [taken(a) for a in args[:self.nin]]
        if not any(all(numpy.can_cast(v.dtype, t) for v, t in zip(values, types) if isinstance(v, numpy.ndarray))
                   for types in self.types):
            raise TypeError(f"Wrong type of arguments for {self.name}")
        places = args[self.nin:] or (() if out is None else out if isinstance(out, tuple) else (out,))
        found = self._u(*values, casting=casting, **given, **({"out": tuple(map(taken, places))} if places else {}))
        if places:
            return places[0] if len(places) == 1 else places
        return made(found)

    def at(self, a: Any, indices: Any, b: Any = None) -> None:
        if a.dtype.char not in AT.get(self.__name__, ""):
            raise TypeError(f"cupy.{self.__name__}.at does not support {a.dtype} as data type")
        self._u.at(a._a, index(indices), taken(b))

    @property
    def reduce(self) -> Any:
        return self._method("reduce", REDUCES)

    @property
    def accumulate(self) -> Any:
        return self._method("accumulate", REDUCES)

    @property
    def reduceat(self) -> Any:
        return self._method("reduceat", {"add"})

    @property
    def outer(self) -> Any:
        return wrapped(self._u.outer, None)

    def _method(self, name: str, only: set[str]) -> Any:
        if self.__name__ not in only:
            raise AttributeError(f"cupy's {self.__name__} has no {name}")
        return wrapped(getattr(self._u, name), None)


def einsum(*operands: Any, **kwargs: Any) -> Any:
    if not kwargs.keys() <= {"dtype", "optimize"}:
        raise TypeError(f"Did not understand the following kwargs: {sorted(kwargs)}")
    return made(numpy.einsum(*map(taken, operands), **kwargs))


def asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, blocking: bool = False) -> Any:
    return made(numpy.array(_in(a), dtype, order=order or "K", copy=copy))


def array(obj: Any, dtype: Any = None, copy: Any = True, order: str = "K", subok: bool = False, ndmin: int = 0, *,
          blocking: bool = False) -> Any:
    return made(numpy.array(_in(obj), dtype, copy=copy, order=order, ndmin=ndmin))


def _in(value: Any) -> Any:
    """What comes from the host: arrays of numpy are welcome here."""
    return [_in(v) for v in value] if isinstance(value, (list, tuple)) else getattr(value, "_a", value)


def ascontiguousarray(a: Any, dtype: Any = None) -> Any:
    return made(numpy.ascontiguousarray(_in(a), dtype))


def asnumpy(a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True) -> Any:
    return a.get() if isinstance(a, ndarray) else numpy.asarray(a)


def fill(space: dict[str, Any]) -> None:
    """Puts the names that cupy has there, of numpy's functions."""
    for name in ("cupy", "linalg", "fft", "random", "lib.stride_tricks"):
        target: Any = space
        source: Any = numpy
        if name != "cupy":
            module = None
            for part in name.split("."):
                source = getattr(source, part)
                module = types.SimpleNamespace() if part not in target else target[part]
                target[part] = module
                target = vars(module)
        for key, told in SURFACE[name].items():
            if key in target or not hasattr(source, key):
                continue
            found = getattr(source, key)
            if told == "ufunc" and isinstance(found, numpy.ufunc):
                target[key] = ufunc(key)
            elif isinstance(found, type) or not callable(found):
                target[key] = found
            elif key in ("result_type", "can_cast", "promote_types", "shape", "ndim", "size"):
                target[key] = found if key not in ("shape", "ndim", "size") else _plain(found)
            else:
                target[key] = wrapped(found, told)


def _plain(function: Any) -> Any:
    return lambda a, *args: function(getattr(a, "_a", a), *args)
