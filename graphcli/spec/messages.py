"""How the errors of expressions are worded: suggestions, Python's own errors, what is left out of the language."""

from __future__ import annotations

import ast
import inspect
import re
from types import ModuleType
from typing import Any

from ..errors import GraphError, InvalidType, InvalidValue, Undecided, bug, did_you_mean
from ..graph.graph import Node
from ..graph.types import DType
from ..tf1.modules import Module
from .env import ScopeHandle
from .parse import Place

OUTSIDE = {
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "IfExp": "if ... else",
    "Dict": "a dict",
    "Set": "a set",
    "JoinedStr": "an f-string",
    "Starred": "a *",
    "NamedExpr": ":=",
    "Await": "await",
    "Yield": "yield",
}
INSTEAD = {
    "ListComp": "repeat a block with for:",
    "IfExp": "cond(p, lambda: a, lambda: b) chooses at run time",
    "JoinedStr": "'${x}' puts a param into a text",
    "Dict": "write a YAML mapping",
}


CONSTANTS = {"true": "True", "false": "False", "null": "None", "none": "None"}
ANSWERS = ("yes", "no", "on", "off")
"""What YAML 1.1 reads as true or false."""
OTHER_WORDS = {
    "float": "float32", "int": "int32",
    "print": "Print", "sum": "reduce_sum", "mean": "reduce_mean", "prod": "reduce_prod", "all": "reduce_all",
    "any": "reduce_any", "max": "reduce_max", "min": "reduce_min", "T": "transpose", "dot": "matmul",
    "astype": "cast", "flatten": "layers.flatten", "mul": "multiply", "sub": "subtract", "neg": "negative",
    "inv": "reciprocal", "select": "where", "batch_matmul": "matmul", "scalar_summary": "summary.scalar",
    "histogram_summary": "summary.histogram", "image_summary": "summary.image",
    "merge_all_summaries": "summary.merge_all", "xavier": "glorot_uniform", "he": "he_normal",
    "xavier_initializer": "glorot_uniform_initializer",
}
"""Words of Python, numpy and of TensorFlow before 1.0, and what a spec calls it."""


METHODS = {
    **dict.fromkeys(("minimize", "compute_gradients", "apply_gradients"), "train.GradientDescentOptimizer(0.1)"),
    "average": "train.ExponentialMovingAverage(0.99)",
}
"""What TensorFlow has as methods alone, and an object that has it."""


def suggest(word: str, known: list[str], what: str = "name") -> str | None:
    """``did_you_mean`` among very many names: first only those that could be near."""
    other = CONSTANTS.get(word)
    if other is None and OTHER_WORDS.get(word, "").split(".")[0] in known:
        other = OTHER_WORDS[word]
    if what == "function" and word in ("int", "float"):
        return f"cast(x, {other})" + ("; a size of x.shape is a whole number already" if word == "int" else "")
    if what == "function" and word in METHODS:
        return f"it is called on its object: {METHODS[word]}.{word}(...)"
    if other is not None:
        return f"did you mean {other!r}?"
    if what == "name" and word.lower() in ANSWERS and word not in known:
        return f"true and false are the words: {word} is a text in YAML 1.2"
    if len(known) > 4000:
        near = [k for k in known if abs(len(k) - len(word)) < 3]
        known = near if len(near) <= 8000 else [k for k in near if k[:1] == word[:1]][:8000]
    return did_you_mean(word, known)


BUGS = (NameError, AssertionError, ImportError, SystemError)
"""What no argument of a user's can bring about."""


def retold(error: Exception, what: str = "") -> GraphError:
    """Another exception as one of ours, of the kind that TensorFlow would raise."""
    if isinstance(error, BUGS):
        return bug(error)
    kind = InvalidType if isinstance(error, (TypeError, AttributeError)) else InvalidValue
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, RecursionError):
        text = "nested too deeply"
    return kind(f"{what}: {text}" if what else text)


def explain_call(e: GraphError, place: Place, n: ast.Call, f: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """A call that does not fit the signature is told by the signature."""
    word = ast.unparse(n.func)
    try:
        signature = inspect.signature(f)
    except (TypeError, ValueError):
        return
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as mismatch:
        unknown = re.search(r"unexpected keyword argument '(\w+)'", str(mismatch))
        e.message = f"{word}: {mismatch}"
        if unknown:
            e.message, e.hint = no_argument(word, unknown[1], signature)
            e.span = next((place.span(k) for k in n.keywords if k.arg == unknown[1]), e.span)
        elif signature.parameters:
            e.hint = _shown(word, signature)
        return
    if isinstance(e, Undecided):
        found = _undecided(signature, bound.arguments)
        if found is not None:
            parameter, wanted = found
            given = bound.arguments[parameter]
            e.message, e.hint = f"{word}: {parameter} is {wanted}, not {_kind(given)}", None
            e.span = next((place.span(a) for a, v in zip(n.args, args) if v is given), None) or next(
                (place.span(k) for k in n.keywords if k.arg == parameter), e.span)
        return
    if isinstance(e.__cause__, (TypeError, AttributeError, LookupError)):
        # Python's own words, from inside the call: whatever went wrong there, an argument began it
        e.message = _misfit(word, signature, bound.arguments) or f"{word} does not take {_kinds(bound.arguments)}"
        e.hint = _shown(word, signature)


def no_argument(word: str, name: str, signature: inspect.Signature) -> tuple[str, str]:
    """What is told of an argument that a function does not have, and the hint."""
    return f"{word} has no argument {name!r}", did_you_mean(name, signature.parameters) or _shown(word, signature)


def _misfit(word: str, signature: inspect.Signature, given: dict[str, Any]) -> str | None:
    """The first argument that is not of the kind of its default."""
    for name, value in given.items():
        default = signature.parameters[name].default
        text = isinstance(default, str) or name == "name" and default is None
        if text and not isinstance(value, str) and value is not None:
            return f"{word}: {name} is a string, not {_kind(value)}"
    return None


def _undecided(signature: inspect.Signature, given: dict[str, Any]) -> tuple[str, str] | None:
    """The first argument that is a tensor where a text, true or false is wanted, and which of them."""
    for name, value in given.items():
        default = signature.parameters[name].default
        if hasattr(value, "_as_graph_element") or hasattr(value, "value_index"):
            if name == "name" or isinstance(default, str):
                return name, "a string"
            if isinstance(default, bool):
                return name, "True or False"
    return None


def _kinds(given: dict[str, Any]) -> str:
    return ", ".join(f"{_kind(v)} as {k}" for k, v in list(given.items())[:4]) or "these arguments"


def _kind(value: Any) -> str:
    """A value by its kind: ``2``, ``'a'``, ``a list``, ``the tensor x:0``."""
    if value is None or isinstance(value, (bool, int, float, str)):
        text = repr(value)
        return text if len(text) <= 30 else text[:27] + "..."
    if callable(value):
        return "a function"
    if isinstance(value, DType):
        return f"the dtype {value.name}"
    name = getattr(value, "name", None)
    kind = re.sub("(?<!^)(?=[A-Z])", " ", type(value).__name__).lower()
    return f"the {kind} {name}" if isinstance(name, str) else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _shown(word: str, signature: inspect.Signature) -> str:
    names = list(signature.parameters)
    return f"{word}({', '.join(names[:5] + ['...'] if len(names) > 6 else names)})"


def called(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, ScopeHandle):
        return f"the scope {value.name!r}"
    name = getattr(value, "__name__", None)
    if isinstance(value, (ModuleType, Module)):
        return f"the module {name}"
    if isinstance(value, Node):
        return "an operation"
    if value is None:
        return "None"
    kind = type(value).__name__
    return str(name) if isinstance(name, str) else f"{'an' if kind[0] in 'AEIOUaeio' else 'a'} {kind}"


def shown(value: Any) -> str:
    """A Python value in a message: as it is written, where it is short."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        text = repr(value)
        return text if len(text) <= 30 else text[:27] + "..."
    return "a list" if isinstance(value, (list, tuple)) else called(value)
