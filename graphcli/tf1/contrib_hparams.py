"""The settings of a model, by name and with types (tf.contrib.training.HParams)."""
from __future__ import annotations

import json
import numbers
import re
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidValue, said

EXPORTS = """
contrib.training: HParams parse_values
"""

_ASSIGNMENT = re.compile(r"(?P<name>[a-zA-Z][\w.]*)(\[\s*(?P<index>\d+)\s*\])?\s*=\s*"
                         r"((?P<value>[^,\[]*)|\[(?P<values>[^\]]*)\])($|,\s*)")


def _read(name: str, kind: type, text: str) -> Any:
    """A value of a type from its text. Raises InvalidValue."""
    words = {"true": True, "false": False, "True": True, "False": False}
    try:
        if kind is bool:
            return words[text] if text in words else bool(int(text))
        return kind(text)
    except ValueError:
        raise InvalidValue(f"{name} is of type {kind.__name__}, which {said(text)} is not") from None


def parse_values(values: str, type_map: Mapping[str, type], ignore_unknown: bool = False) -> dict[str, Any]:
    """The settings in a text ``name=value,name=[value,value],name[1]=value`` (tf.contrib.training.parse_values).

    type_map: their types. ignore_unknown: names without one are passed over. A setting with an index is a dict.
    Raises InvalidValue for a text of another form, a name without a type, and a name that is set twice.
    """
    found: dict[str, Any] = {}
    at = 0
    while at < len(values):
        match = _ASSIGNMENT.match(values, at)
        if match is None:
            raise InvalidValue(f"{said(values[at:])} is no setting", hint="name=value or name=[value,value]")
        at, name = match.end(), match["name"]
        if name not in type_map:
            if ignore_unknown:
                continue
            raise InvalidValue(f"there is no setting {name}")
        value: Any
        if match["value"] is not None:
            value = _read(name, type_map[name], match["value"])
        elif match["index"] is not None:
            raise InvalidValue(f"{name}[{match['index']}] is one value, not a list")
        else:
            value = [_read(name, type_map[name], word) for word in re.split("[ ,]", match["values"]) if word]
        if match["index"] is not None:
            places = found.setdefault(name, {})
            if not isinstance(places, dict) or int(match["index"]) in places:
                raise InvalidValue(f"{name}[{match['index']}] is set twice in {said(values)}")
            places[int(match["index"])] = value
        elif name in found:
            raise InvalidValue(f"{name} is set twice in {said(values)}")
        else:
            found[name] = value
    return found


def _cast(name: str, kind: type, value: Any) -> Any:
    """A value in the type of a setting: a whole number as a float, and no other change. Raises InvalidValue."""
    if kind is type(None):
        return value
    fits = (isinstance(value, (str, bytes)) if issubclass(kind, (str, bytes))
            else isinstance(value, bool) if issubclass(kind, bool)
            else isinstance(value, numbers.Integral) and not isinstance(value, bool)
            if issubclass(kind, numbers.Integral)
            else isinstance(value, numbers.Number) and not isinstance(value, bool)
            if issubclass(kind, numbers.Number) else True)
    if not fits:
        raise InvalidValue(f"{name} is of type {kind.__name__}, which {said(value)} is not")
    return kind(value)


class HParams:
    """Settings that are attributes: numbers, texts, truths and lists of them (tf.contrib.training.HParams).

    A setting keeps the type of its first value. Raises InvalidValue for a name that is taken and an empty list.
    """

    def __init__(self, model_structure: Any = None, **kwargs: Any) -> None:
        self._types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """A new setting."""
        if getattr(self, name, None) is not None:
            raise InvalidValue(f"the name {name} is taken")
        several = isinstance(value, (list, tuple))
        if several and not value:
            raise InvalidValue(f"{name} is an empty list, which has no type")
        self._types[name] = (type(value[0] if several else value), several)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Changes a setting. Raises KeyError for one that there is not, InvalidValue for another type."""
        kind, several = self._types[name]
        if isinstance(value, list):
            if not several:
                raise InvalidValue(f"{name} is one value, not a list")
            setattr(self, name, [_cast(name, kind, v) for v in value])
        elif several:
            raise InvalidValue(f"{name} is a list")
        else:
            setattr(self, name, _cast(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Takes a setting away, where there is such."""
        if hasattr(self, name):
            delattr(self, name)
            del self._types[name]

    def parse(self, values: str) -> HParams:
        """Changes the settings that a text names (parse_values); returns itself."""
        return self.override_from_dict(parse_values(values, {name: kind for name, (kind, _) in self._types.items()}))

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        """Changes the settings of a dict; returns itself."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    set_from_map = override_from_dict

    def parse_json(self, values_json: str) -> HParams:
        """Changes the settings that are in JSON; returns itself."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        """The settings as JSON; functions are left out."""
        plain = {name: value for name, value in self.values().items() if not callable(value)}
        return json.dumps(plain, indent=indent, separators=separators, sort_keys=sort_keys)

    def values(self) -> dict[str, Any]:
        """The settings by name."""
        return {name: getattr(self, name) for name in self._types}

    def get(self, key: str, default: Any = None) -> Any:
        """A setting, or the default where there is none. Raises InvalidValue for a default of another type."""
        if key not in self._types:
            return default
        kind, several = self._types[key]
        if default is not None:
            if several and not isinstance(default, list):
                raise InvalidValue(f"{key} is a list, which the default {said(default)} is not")
            for value in default if isinstance(default, list) else [default]:
                _cast(key, kind, value)
        return getattr(self, key)

    def get_model_structure(self) -> Any:
        return self._model_structure

    def set_model_structure(self, model_structure: Any) -> None:
        self._model_structure = model_structure

    def __contains__(self, key: str) -> bool:
        return key in self._types

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.values().items())

    def __repr__(self) -> str:
        return f"HParams({sorted(self.values().items())})"
