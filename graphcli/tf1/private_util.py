"""What programs import of tensorflow.python.util: how callables are asked, decorated, and what a module shows."""
from __future__ import annotations

import contextlib
import functools
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

EXPORTS = """
python.util.tf_contextlib: contextmanager
python.util.tf_decorator: make_decorator unwrap TFDecorator
python.util.all_util: make_all remove_undocumented
python.util.tf_export: tf_export keras_export=tf_export estimator_export=tf_export
python.util.tf_inspect: getargspec getfullargspec getcallargs ArgSpec FullArgSpec currentframe stack
python.util.tf_inspect: getdoc getfile getmembers getmodule getmro getsource getsourcefile getsourcelines isbuiltin
python.util.tf_inspect: isclass isfunction isframe isgenerator isgeneratorfunction ismethod ismodule isroutine
"""

REFERENCE = re.compile(r"^@@([\w]+)$", re.MULTILINE)
FullArgSpec = inspect.FullArgSpec


class ArgSpec(NamedTuple):
    """The arguments of a function, as Python 2 told them."""

    args: list[str]
    varargs: str | None
    keywords: str | None
    defaults: tuple[Any, ...] | None


class TFDecorator:
    """What was wrapped by whom."""

    def __init__(self, decorator_name: str, target: Any, decorator_doc: str = "",
                 decorator_argspec: Any = None) -> None:
        self.decorator_name, self.decorated_target = decorator_name, target
        self.decorator_doc, self.decorator_argspec = decorator_doc, decorator_argspec


def make_decorator(target: Any, decorator_func: Callable[..., Any], decorator_name: str | None = None,
                   decorator_doc: str = "", decorator_argspec: Any = None) -> Callable[..., Any]:
    """The wrapper, with the name and the attributes of what it wraps (tf_decorator.make_decorator)."""
    wrapper: Any = functools.update_wrapper(decorator_func, target)
    wrapper._tf_decorator = TFDecorator(decorator_name or wrapper.__name__, target, decorator_doc, decorator_argspec)
    wrapper.__original_wrapped__ = target
    return wrapper  # type: ignore[no-any-return]


def unwrap(maybe_tf_decorator: Any) -> tuple[list[TFDecorator], Any]:
    """The decorators of make_decorator around a callable, the outermost first, and what they wrap."""
    found, inner = [], maybe_tf_decorator
    while "_tf_decorator" in getattr(inner, "__dict__", ()):
        found.append(inner._tf_decorator)
        inner = found[-1].decorated_target
    return found, inner


def contextmanager(target: Callable[..., Any]) -> Callable[..., Any]:
    """contextlib.contextmanager, whose decorator is known as such (tf_contextlib.contextmanager)."""
    return make_decorator(target, contextlib.contextmanager(target), "contextmanager")


def getfullargspec(obj: Any) -> FullArgSpec:
    """The arguments of what is wrapped, or those that its outermost decorator tells (tf_inspect.getfullargspec)."""
    decorators, target = unwrap(obj)
    told = next((d.decorator_argspec for d in decorators if d.decorator_argspec is not None), None)
    if isinstance(told, ArgSpec):
        return FullArgSpec(told.args, told.varargs, told.keywords, told.defaults, [], None, {})
    return inspect.getfullargspec(target) if told is None else told


def getargspec(obj: Any) -> ArgSpec:
    """The same without keyword-only arguments; of a class those of ``__init__``, of an object those of ``__call__``
    (tf_inspect.getargspec)."""
    told = getfullargspec(obj)
    return ArgSpec(told.args, told.varargs, told.varkw, told.defaults)


def getcallargs(func: Callable[..., Any], *positional: Any, **named: Any) -> dict[str, Any]:
    """Which argument has which value in ``func(*positional, **named)`` (tf_inspect.getcallargs)."""
    return inspect.getcallargs(unwrap(func)[1], *positional, **named)


def tf_export(*args: str, **kwargs: Any) -> Callable[[Any], Any]:
    """A decorator that leaves what it is given as it is: names are told otherwise here (tf_export.tf_export)."""
    return lambda func: func


def make_all(module_name: str, doc_string_modules: Sequence[Any] | None = None) -> list[str]:
    """The names of a module that a docstring refers to by ``@@name`` (all_util.make_all)."""
    module = sys.modules[module_name]
    texts = [m.__doc__ or "" for m in doc_string_modules or [module]]
    return sorted({name for text in texts for name in REFERENCE.findall(text) if hasattr(module, name)})


def remove_undocumented(module_name: str, allowed_exception_list: Sequence[str] | None = None,
                        doc_string_modules: Sequence[Any] | None = None) -> None:
    """Deletes the public names of a module that no docstring refers to (all_util.remove_undocumented)."""
    shown = {*make_all(module_name, doc_string_modules), *(allowed_exception_list or ())}
    module = sys.modules[module_name]
    for name in [n for n in dir(module) if n not in shown and not n.startswith("_")]:
        delattr(module, name)


def __getattr__(name: str) -> Any:
    """What tf_inspect has unchanged of inspect."""
    if name.startswith(("get", "is", "current", "stack")):
        return getattr(inspect, name)
    raise AttributeError(name)
