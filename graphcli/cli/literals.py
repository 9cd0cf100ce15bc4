"""Values written as JSON or YAML: after a flag, or in a file."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..errors import GraphError, UsageError

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_FLOATS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def _no_constant(word: str) -> Any:
    # json takes NaN bare; in YAML 1.2 it is a string, as in what graphcli itself writes
    return word


def literal(text: str, place: str) -> Any:
    """A YAML or JSON literal. Raises UsageError."""
    try:
        return from_json(text)
    except (ValueError, RecursionError):
        pass
    return from_yaml(text, place)


def from_json(text: str, constant: Callable[[str], Any] = _no_constant) -> Any:
    """The value of a JSON text, with ``constant`` of a bare NaN or Infinity.

    Raises ValueError, also for half of a surrogate pair, which is no character.
    """
    import json

    value = json.loads(text, parse_constant=constant, object_pairs_hook=_once)
    if _SURROGATE.search(text):
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A mapping; a key that is given twice is for YAML's reader to refuse, which knows the place."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is given twice")
    return found


def from_yaml(text: str, place: str) -> Any:
    from ..source import Source
    from ..spec.load import load_value

    try:
        root: Any = load_value(Source(place, "value:\n " + text.replace("\n", "\n ")))
    except GraphError as error:
        if text.startswith("@") and place.startswith("--set"):
            raise UsageError(f"{place}: a param is a number, a text, a list or a mapping, not the file "
                             f"{brief(text)}", hint=f"a text that begins with @ is in quotes of its own: "
                             f"{place}='\"{text}\"'") from None
        raise UsageError(f"{place}: {brief(text)} is neither JSON nor YAML: "
                         f"{error.errors()[0].message.removeprefix('not YAML: ')}",
                         hint=None if "\n" in text else f"quote it for the shell: {_quoted(place)}") from None
    return _plain(root.get("value"))


def _quoted(place: str) -> str:
    return {"--set": "--set x='[1, 2]'", "--random": "--random x='[2, 3]'"}.get(
        place.partition(" ")[0], "--feed x='[[1, 2]]'")


def of_file(text: str, path: str, place: str) -> Any:
    """The value in a file's JSON or YAML. Raises UsageError, with its place in the file."""
    from ..source import Source
    from ..spec.load import load_value

    try:
        return from_json(text)
    except (ValueError, RecursionError):
        pass
    try:
        return _plain(load_value(Source(path, text)))
    except GraphError as error:
        first = error.errors()[0]
        said = first.message.removeprefix("not YAML: ")
        what = f"{path} is neither JSON nor YAML: {said}" if said != first.message else f"{path}: {said}"
        raise UsageError(f"{place}: {what}",
                         first.span, hint=first.hint) from None


def _plain(item: Any) -> Any:
    if item is None:
        return None
    if item.kind == "list":
        return [_plain(i) for i in item.items]
    if item.kind == "mapping":
        return {k.text: _plain(v) for k, v in item}
    return item.value


def brief(text: str) -> str:
    """A text as it is quoted in a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def unwrap(value: Any, kind: str, place: str) -> Any:
    """Undoes the JSON forms of what JSON has not: NaN, bytes, complex numbers."""
    if isinstance(value, list):
        return [unwrap(v, kind, place) for v in value]
    if isinstance(value, str) and kind in "fc":
        if value in _FLOATS:
            return _FLOATS[value]
    elif isinstance(value, dict):
        if kind == "c" and value.keys() == {"real", "imag"}:
            return complex(unwrap(value["real"], "f", place), unwrap(value["imag"], "f", place))
        if kind == "S" and value.keys() == {"base64"}:
            import base64
            import binascii

            try:
                return base64.b64decode(value["base64"], validate=True)
            except (binascii.Error, TypeError, ValueError):
                raise UsageError(f"{place}: this is not base64: {brief(str(value['base64']))}") from None
        glued = next((k for k, v in value.items() if v is None and ":" in str(k)), None)
        raise UsageError(f"{place}: a mapping is no value of a tensor", hint=None if glued is None else
                         f"a space stands after the colon: {str(glued).replace(':', ': ')}")
    elif value is None:
        raise UsageError(f"{place}: null is no value of a tensor")
    return value
