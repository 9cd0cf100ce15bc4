"""The language as a JSON Schema, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..passes.place import BACKENDS
from .schema import (
    DEVICE_KEYS,
    INPUT_FIELDS,
    OP_FIELDS,
    OWN,
    SCOPE_FIELDS,
    SECTION_DOCS,
    SECTIONS,
    SHARED_KEYS,
    STATEMENTS,
    TOP_KEYS,
    VARIABLE_FIELDS,
    VERSION,
    Field,
    Statement,
)

_EXPRESSION = {"$ref": "#/$defs/expression"}
_PARAM = {"type": "string", "pattern": r"\$\{"}
"""What a param may make anything of."""

KINDS: dict[str, dict[str, Any]] = {
    "expr": _EXPRESSION,
    "initializer": _EXPRESSION,
    "attrs": {"anyOf": [{"type": ["object", "null"]}, _PARAM]},
    "shapes": {"anyOf": [{"type": ["array", "null"]}, _PARAM]},
    "text": {"type": ["string", "number", "boolean", "null"]},
    "names": {
        "anyOf": [{"type": ["array", "null"], "items": {"type": ["string", "number", "boolean", "null"]}}, _PARAM]
    },
    "dtype": {"type": ["string", "integer", "null"]},
    "device": {"type": ["string", "null"]},
    "reuse": {"anyOf": [{"enum": [True, False, None, "auto", "AUTO_REUSE"]}, _PARAM]},
    "for": {"type": "object", "minProperties": 1, "maxProperties": 1},
    "nothing": {"type": "null"},
}


def _fields(fields: Iterable[Field]) -> dict[str, Any]:
    return {f.name: KINDS[f.kind] | {"description": f.doc} for f in fields}


def _sections() -> dict[str, Any]:
    return {s: {"$ref": f"#/$defs/{s}"} for s in SECTIONS}


def _object(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


def _statement(s: Statement) -> dict[str, Any]:
    own = {s.keyword: KINDS[s.kind] | {"description": s.doc}}
    return _object(own | _fields(s.fields) | (_sections() if s.block else {}), required=[s.keyword])


def _section(section: str, definition: dict[str, Any]) -> dict[str, Any]:
    keywords = [s for s in STATEMENTS if s in OWN[section] or STATEMENTS[s].anywhere]
    single = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": definition,
        "propertyNames": {"not": {"enum": keywords}},
    }
    items: list[dict[str, Any]] = [{"const": "reuse_variables"}]
    items += [{"$ref": f"#/$defs/{k}"} for k in keywords if k != "reuse_variables"]
    return {
        "description": SECTION_DOCS[section],
        "anyOf": [
            {"type": "null"},
            {"type": "object", "additionalProperties": definition},
            {"type": "array", "items": {"anyOf": [*items, single]}},
        ],
    }


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a spec."""
    definitions: dict[str, dict[str, Any]] = {
        "inputs": _object(_fields(INPUT_FIELDS)),
        "variables": {"anyOf": [{"type": "null"}, _object(_fields(VARIABLE_FIELDS))]},
        "ops": {"anyOf": [_object({"op": KINDS["text"]} | _fields(OP_FIELDS), required=["op"]), _EXPRESSION]},
        "scopes": {"anyOf": [{"type": "null"}, _object(_fields(SCOPE_FIELDS) | _sections())]},
        "collections": {"type": "array", "items": _EXPRESSION},
    }
    function_sections = {k: v for k, v in _sections().items() if k != "inputs"}
    backend = {"anyOf": [{"enum": list(BACKENDS)}, _PARAM]}
    defs: dict[str, Any] = {
        "expression": {"type": ["string", "number", "boolean", "null", "array", "object"]},
        **{s: _section(s, definitions[s]) for s in SECTIONS},
        **{k: _statement(s) for k, s in STATEMENTS.items() if k != "reuse_variables"},
        "function": _object(
            {
                "inputs": {
                    "type": ["array", "null"],
                    "items": {
                        "anyOf": [
                            {"type": ["string", "boolean", "null"]},
                            {"type": "object", "minProperties": 1, "maxProperties": 1},
                        ]
                    },
                },
                "returns": _EXPRESSION,
                **function_sections,
            }
        ),
        "backend": {
            "anyOf": [
                backend,
                _object(
                    {"backend": backend, **{k: {} for k in DEVICE_KEYS if k != "backend"}},
                    required=["backend"],
                ),
            ]
        },
    }
    tops: dict[str, dict[str, Any]] = {
        "graphcli": {"const": VERSION},
        "graph": {"type": ["string", "number", "boolean", "null"]},
        "seed": {"type": ["integer", "string"]},
        "params": {"type": ["object", "null"]},
        "include": {"type": ["array", "null"], "items": {"type": "string"}},
        "devices": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/backend"}},
        "functions": {"type": ["object", "null"], "additionalProperties": {"$ref": "#/$defs/function"}},
        "outputs": {"type": ["array", "null"], "items": {"type": "string"}},
    }
    tops = {k: v | {"description": TOP_KEYS[k]} for k, v in tops.items()}
    defs["graph"] = _object(tops | _sections())
    shared = {k: v for k, v in tops.items() if k in SHARED_KEYS}
    graphs = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"$ref": "#/$defs/graph"},
        "description": TOP_KEYS["graphs"],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "graphcli spec",
        "if": {"type": "object", "required": ["graphs"]},
        "then": _object(shared | {"graphs": graphs}),
        "else": {"$ref": "#/$defs/graph"},
        "$defs": defs,
    }
