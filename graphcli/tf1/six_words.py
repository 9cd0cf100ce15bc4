"""What programs for two Pythons take from ``six``, which came with TensorFlow, where it is not installed."""
from __future__ import annotations

import builtins
import functools
import importlib
import io
import operator
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PY2, PY3, PY34 = False, True, True
string_types, integer_types, class_types = (str,), (int,), (type,)
text_type, binary_type, MAXSIZE = str, bytes, sys.maxsize
StringIO, BytesIO = io.StringIO, io.BytesIO
viewkeys, viewvalues, viewitems = (operator.methodcaller(f) for f in ("keys", "values", "items"))
next = advance_iterator = builtins.next
callable, print_, unichr = builtins.callable, builtins.print, chr
Iterator, wraps, create_bound_method = object, functools.wraps, lambda func, obj: func.__get__(obj, type(obj))
get_method_function, get_method_self = operator.attrgetter("__func__"), operator.attrgetter("__self__")
get_function_code, get_function_defaults = operator.attrgetter("__code__"), operator.attrgetter("__defaults__")
int2byte, byte2int, indexbytes, iterbytes = (lambda i: bytes([i])), operator.itemgetter(0), operator.getitem, iter


def iterkeys(d: Any, **kw: Any) -> Any:
    """An iterator over the keys of a mapping."""
    return iter(d.keys(**kw))


def itervalues(d: Any, **kw: Any) -> Any:
    """An iterator over the values of a mapping."""
    return iter(d.values(**kw))


def iteritems(d: Any, **kw: Any) -> Any:
    """An iterator over the pairs of a mapping."""
    return iter(d.items(**kw))


def b(s: str) -> bytes:
    """Bytes of a literal."""
    return s.encode("latin-1")


def u(s: str) -> str:
    """Text of a literal."""
    return s


def ensure_binary(s: Any, encoding: str = "utf-8", errors: str = "strict") -> bytes:
    """Bytes of text or bytes. Raises TypeError for anything else."""
    if not isinstance(s, (str, bytes)):
        raise TypeError(f"not expecting type '{type(s)}'")
    return s.encode(encoding, errors) if isinstance(s, str) else s


def ensure_str(s: Any, encoding: str = "utf-8", errors: str = "strict") -> str:
    """Text of text or bytes. Raises TypeError for anything else."""
    if not isinstance(s, (str, bytes)):
        raise TypeError(f"not expecting type '{type(s)}'")
    return s.decode(encoding, errors) if isinstance(s, bytes) else s


ensure_text = ensure_str


def python_2_unicode_compatible(klass: Any) -> Any:
    """The class, whose ``__str__`` is text already."""
    return klass


def add_metaclass(metaclass: Any) -> Callable[[Any], Any]:
    """A decorator: the class anew, with a metaclass."""
    def wrapper(cls: Any) -> Any:
        space = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__", *_slots(cls))}
        return metaclass(cls.__name__, cls.__bases__, space)

    return wrapper


def _slots(cls: Any) -> tuple[str, ...]:
    slots = vars(cls).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def with_metaclass(meta: Any, *bases: Any) -> Any:
    """A base class of these bases, with a metaclass."""
    class Temporary(type):
        def __new__(cls, name: str, this_bases: Any, space: dict[str, Any]) -> Any:
            return meta(name, bases, space)

    return type.__new__(Temporary, "temporary_class", (), {})


def reraise(tp: Any, value: Any, tb: Any = None) -> None:
    """Raises an error with a traceback."""
    raise (tp() if value is None else value).with_traceback(tb)


def raise_from(value: Any, from_value: Any) -> None:
    """Raises an error because of another."""
    raise value from from_value


def exec_(code: Any, space: Any = None, local: Any = None) -> None:
    """exec, as a function."""
    exec(code, space if space is not None else sys._getframe(1).f_globals, local)


MOVED = {"cPickle": "pickle", "queue": "queue", "configparser": "configparser", "builtins": "builtins",
         "urllib": "urllib", "urllib_parse": "urllib.parse", "urllib_error": "urllib.error",
         "http_client": "http.client",
         "cStringIO": "io:StringIO", "StringIO": "io:StringIO", "reduce": "functools:reduce",
         "socketserver": "socketserver",
         "html_parser": "html.parser", "copyreg": "copyreg", "reload_module": "importlib:reload", "getcwd": "os:getcwd",
         "shlex_quote": "shlex:quote", "zip_longest": "itertools:zip_longest", "intern": "sys:intern",
         "filterfalse": "itertools:filterfalse", "xrange": "builtins:range", "tkinter": "tkinter"}
"""What ``six.moves`` has: modules, and names of modules."""


def moved(name: str) -> Any:
    """What ``six.moves`` calls by a name. Raises AttributeError for what it has not."""
    if name in MOVED:
        module, _, inner = MOVED[name].partition(":")
        found: Any = importlib.import_module(module)
        if module == "urllib":
            for part in ("request", "parse", "error", "response", "robotparser"):
                importlib.import_module(f"urllib.{part}")
        return getattr(found, inner) if inner else found
    if hasattr(builtins, name):
        return getattr(builtins, name)
    raise AttributeError(f"six.moves has no {name!r}")


def module_of(name: str) -> Callable[[str], Any] | None:
    """How the names of ``six`` and the modules below it are found; None where there is no such module."""
    if name == "six":
        return functools.partial(getattr, sys.modules[__name__])
    parts = name.split(".")[1:]
    if parts == ["moves"]:
        return moved
    if parts[1:2] and parts[1] in MOVED and ":" not in MOVED[parts[1]]:
        return functools.partial(getattr, importlib.import_module(".".join([MOVED[parts[1]], *parts[2:]])))
    return None




class Finder(MetaPathFinder, Loader):
    """Finds ``six`` where no other finder does, if it is asked after them."""

    def find_spec(self, fullname: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "six" or module_of(fullname) is None:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__getattr__"] = module_of(module.__name__)
