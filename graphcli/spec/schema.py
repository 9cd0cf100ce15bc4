"""The language as data: sections, statements, fields; from it come the key checks, the JSON Schema and the docs."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import GraphError, InvalidValue, did_you_mean
from ..record import Record
from .tree import Item, Map, Scalar

VERSION = 1


class Field(Record):
    """A key of a statement. kind: expr, literal, text, names, dtype, device, bool, reuse, initializer."""

    name: str
    kind: str
    doc: str


class Statement(Record):
    """A statement of a list. kind is that of its keyword's own value; anywhere: in every section."""

    keyword: str
    kind: str
    fields: tuple[Field, ...]
    doc: str
    block: bool = False
    anywhere: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        return (self.keyword, *(f.name for f in self.fields), *(SECTIONS if self.block else ()))


SECTIONS = ("inputs", "variables", "ops", "scopes", "collections")
OTHERS = {"placeholder": "inputs", "placeholders": "inputs", "feed": "inputs", "feeds": "inputs", "node": "ops",
          "nodes": "ops", "operations": "ops", "constant": "ops", "constants": "ops", "layers": "ops",
          "fetch": "outputs", "fetches": "outputs", "vars": "variables", "init": "initializer",
          "type": "dtype", "initial_value": "initializer"}
"""Other words for keys, by which somebody may look for them."""

_AS = Field("as", "text", "the handle, where it is not the name")
_DEVICE = Field("device", "device", "where it stands, e.g. /gpu:0")
_DTYPE = Field("dtype", "dtype", "float32, int64, string, ...")

INPUT_FIELDS = (
    _DTYPE,
    Field("shape", "expr", "the sizes; null for an unknown one, absent for an unknown rank"),
    Field("default", "expr", "the value where nothing is fed"),
    Field("sparse", "expr", "true: a sparse tensor, fed with indices, values and dense_shape"),
    _DEVICE,
    _AS,
)
VARIABLE_FIELDS = (
    Field("shape", "expr", "the sizes"),
    _DTYPE,
    Field("initializer", "initializer", "a name of tf.initializers, a call of one, or a constant"),
    Field("regularizer", "initializer", "l1_regularizer(s), l2_regularizer(s) or a function of the spec"),
    Field("trainable", "expr", "whether optimizers change it"),
    Field("collections", "names", "the collections that hold it, instead of the usual ones"),
    Field("constraint", "initializer", "a function applied after each update"),
    Field("partitioner", "expr", "into how many parts it is cut: fixed_size_partitioner(2) and its like"),
    Field("use_resource", "expr", "true: a resource variable"),
    _DEVICE,
    _AS,
)
SCOPE_FIELDS = (
    Field("reuse", "reuse", "true: variables must exist; auto: share those that do"),
    Field("initializer", "initializer", "the default initializer inside"),
    Field("regularizer", "initializer", "the default regularizer inside"),
    Field("dtype", "dtype", "the default dtype inside"),
    Field("constraint", "initializer", "the default constraint inside"),
    Field("partitioner", "expr", "the default partitioner inside"),
    Field("use_resource", "expr", "true: variables inside are resource variables"),
    Field("auxiliary_name_scope", "expr", "false: no name scope of its own"),
    Field("default_name", "text", "the name made unique, where the scope has none"),
    _AS,
    _DEVICE,
)
OP_FIELDS = (
    Field("inputs", "expr", "the inputs in the op's order; a list for a list input"),
    Field("attrs", "attrs", "attrs by their GraphDef names"),
    Field("control_inputs", "expr", "what runs before it"),
    Field("shapes", "shapes", "static shapes of its outputs, where more is known than follows"),
    _DEVICE,
    Field("collections", "names", "the collections that it is added to"),
    _AS,
    Field("name", "text", "the op's name"),
)

_STATEMENTS = (
    Statement(
        "get_variable",
        "text",
        VARIABLE_FIELDS,
        "creates a variable or, under reuse, returns the existing one",
    ),
    Statement(
        "Variable",
        "text",
        (
            Field("initial_value", "expr", "what it starts with"),
            *(f for f in VARIABLE_FIELDS if f.name not in ("shape", "initializer", "regularizer", "partitioner")),
        ),
        "a variable that is always new; its name is made unique",
    ),
    Statement("op", "text", OP_FIELDS, "one node of an op type"),
    Statement("scope", "text", SCOPE_FIELDS, "opens a variable scope", block=True),
    Statement(
        "reopen",
        "text",
        tuple(f for f in SCOPE_FIELDS if f.name != "default_name"),
        "opens a scope's object again, whatever scope is current",
        block=True,
    ),
    Statement(
        "reuse_variables",
        "nothing",
        (),
        "from here to the end of the scope, variables are reused",
        anywhere=True,
    ),
    Statement("name_scope", "text", (_DEVICE,), "a prefix of op names; null leaves all", block=True, anywhere=True),
    Statement(
        "control_dependencies",
        "expr",
        (_DEVICE,),
        "what is made inside runs after these",
        block=True,
        anywhere=True,
    ),
    Statement(
        "colocate_with",
        "expr",
        (_DEVICE,),
        "what is made inside stands where this does",
        block=True,
        anywhere=True,
    ),
    Statement(
        "add_to_collection",
        "text",
        (Field("value", "expr", "what is added"),),
        "adds a value to a collection",
        anywhere=True,
    ),
    Statement("for", "for", (), "repeats a block", block=True, anywhere=True),
    Statement(
        "assert",
        "expr",
        (Field("message", "text", "what to say where it does not hold"),),
        "a check on params",
        anywhere=True,
    ),
    Statement("device", "device", (), "where what is made inside stands; null clears", block=True, anywhere=True),
)
STATEMENTS: dict[str, Statement] = {s.keyword: s for s in _STATEMENTS}
"""In the order in which an item's keys are searched for one: ``device`` is also a field of others."""

OWN: dict[str, tuple[str, ...]] = {
    "inputs": (),
    "variables": ("get_variable", "Variable"),
    "ops": tuple(STATEMENTS),
    "scopes": ("scope", "reopen"),
    "collections": (),
}
"""The statements of each list, beside those that stand anywhere."""

SECTION_DOCS = {
    "inputs": "placeholders: name: {dtype, shape}",
    "variables": "variables, as get_variable makes them: name: {shape, ...}",
    "ops": "name: EXPRESSION, and statements",
    "scopes": "variable scopes: name: {fields and sections}",
    "collections": "name: [EXPRESSION, ...]",
}
TOP_KEYS = {
    "graphcli": "version of the language",
    "graph": "the graph's name",
    "seed": "graph-level seed",
    "params": "constants of the spec",
    "include": "other spec files whose functions become known",
    "devices": "what runs each logical device",
    "functions": "reusable pieces of graph",
    "graphs": "several graphs in one file",
    "outputs": "what run fetches where nothing is named",
}
GRAPH_KEYS = tuple(k for k in TOP_KEYS if k != "graphs")
SHARED_KEYS = ("graphcli", "seed", "params", "include", "devices", "functions", "graphs")
FUNCTION_KEYS = (*SECTIONS, "returns")
DEVICE_KEYS = ("backend", "fallback", "address")


def names(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(f.name for f in fields)


EXAMPLES = {
    "inputs": "{dtype: float32, shape: [null, 1]}",
    "variables": "{shape: [3, 2], initializer: zeros}",
    "scopes": "{ops: {...}}",
}
"""The fields of a definition, as they are written."""

FIELDS = {"inputs": names(INPUT_FIELDS), "variables": names(VARIABLE_FIELDS), "scopes": names(SCOPE_FIELDS)}

NEAR = {"variable_scope": "scope", "with": "scope", "name": "get_variable"}
"""What is written for a statement by who knows TensorFlow."""


def no_statement(section: str, item: Item) -> GraphError:
    """The error of an item of a list that is neither a definition nor a statement."""
    known = [w for w, s in STATEMENTS.items() if s.anywhere or w in OWN[section]]
    if not isinstance(item, Map):
        text = item.text.strip() if isinstance(item, Scalar) else ""
        hint = f"name: {text}" if "(" in text else None
        if text.isidentifier() and section in EXAMPLES:
            hint = did_you_mean(text, ["reuse_variables"]) or f"- {text}: {EXAMPLES[section]}"
        elif text and hint is None:
            hint = did_you_mean(text, ["reuse_variables"]) or next(
                (f"- {w}:{text[len(w):]}" for w in known if text.startswith(f"{w} ")), None)
        return item.error(f"an item of {section} is 'name: definition' or a statement", hint=hint)
    if not item.pairs:
        return item.error("an empty item")
    keys = item.keys()
    word = next((k for k in keys if NEAR.get(k) in known), None)
    hint = f"did you mean {NEAR[word]!r}?" if word else did_you_mean(keys[0], known)
    if hint is None and item.pairs[0][1].kind == "scalar" and set(keys[1:]) <= set(FIELDS.get(section, ())):
        hint = f"indent what belongs to {keys[0]} more than it"
    elif hint is None:
        hint = "each definition is an item of its own: " + ", ".join(f"- {k}: ..." for k in keys[:3])
    return InvalidValue(f"an item is one 'name: definition' or a statement, and {keys[0]!r} is no statement",
                        item.pairs[0][0].span, hint=hint)


def field_beside(key: Scalar, value: Item) -> GraphError:
    """The error of ``- y: x + 1`` with ``device:`` beside ``y``."""
    hint = (f"indent what belongs to {key.text} more than it" if isinstance(value, Map)
            else f"- device: DEVICE with ops: {{{key.text}: ...}} below it")
    return InvalidValue(f"device does not stand beside the definition of {key.text!r}", key.span, hint=hint)


def unknown_keys(item: Map, known: Iterable[str]) -> list[GraphError]:
    """An error for each key that is none of ``known``; what is known is told once."""
    known = tuple(known)
    errors: list[GraphError] = []
    told, empty = False, ""
    for key, value in item:
        if key.text in known:
            nothing = isinstance(value, Scalar) and value.text == "" and not value.style
            empty = key.text if nothing and key.text in SECTIONS else ""
            continue
        hint = f"indent it, if it stands under {empty}:" if empty else did_you_mean(key.text, known)
        if "Variable" in known and key.text in ("shape", "initializer", "regularizer"):
            hint = "get_variable: is the statement that takes it"
        if key.text == "<<":
            hint = "YAML 1.2 has no merge keys: an alias is a whole value"
        first, _, rest = key.text.partition(" ")
        if first in known and isinstance(value, Scalar) and value.value is None:
            hint = f"{first}: {rest}"
        if key.text.isdigit() and "shape" in known:
            hint = "a list stands in brackets: shape: [2, 3]"
        if OTHERS.get(key.text) in known:
            hint = f"{OTHERS[key.text]}: is the key for it"
        if hint is None and not told:
            told, hint = True, "known here: " + ", ".join(known)
        errors.append(InvalidValue(f"unknown key {key.text!r}", key.span, hint=hint))
    return errors
