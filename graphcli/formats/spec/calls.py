"""Which call of the language makes a node, and nothing but it."""
from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ...graph.graph import Node, Tensor
from ...graph.shapes import Static
from ...graph.signature import Attr
from ...graphdef.tensors import OpaqueTensor

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_TAKEN = frozenset(
    "get_variable Variable op scope reopen name_scope device control_dependencies colocate_with for assert as include "
    "add_to_collection reuse_variables true false null yes no on off tensor operation variable later tf nn math "
    "constant placeholder".split())
"""Keywords of statements, YAML's words, and what expressions of this file call."""
OPERATORS = {"AddV2": "+", "Sub": "-", "Mul": "*", "RealDiv": "/", "MatMul": "@"}
FUNCTIONS = {
    "Relu": "relu", "Relu6": "relu6", "Elu": "elu", "Selu": "selu", "Tanh": "tanh", "Sigmoid": "sigmoid",
    "Softplus": "softplus", "Softsign": "softsign", "Exp": "exp", "Log": "log", "Log1p": "log1p", "Sqrt": "sqrt",
    "Rsqrt": "rsqrt", "Square": "square", "Abs": "abs", "Neg": "negative", "Sign": "sign", "Floor": "floor",
    "Ceil": "ceil", "Sin": "sin", "Cos": "cos", "Identity": "identity", "StopGradient": "stop_gradient",
    "ZerosLike": "zeros_like", "OnesLike": "ones_like", "Maximum": "maximum", "Minimum": "minimum", "Pow": "pow",
    "SquaredDifference": "squared_difference", "Greater": "greater", "GreaterEqual": "greater_equal", "Less": "less",
    "LessEqual": "less_equal", "LogicalAnd": "logical_and", "LogicalOr": "logical_or", "LogicalNot": "logical_not",
    "Reshape": "reshape", "L2Loss": "l2_loss",
}


def is_word(name: str) -> bool:
    """Whether a name can be a handle."""
    return bool(_WORD.match(name)) and name not in _TAKEN and not keyword.iskeyword(name)


def call_of(node: Node, reference: Callable[[Tensor], str], handles: Set[str]) -> str | None:
    """An expression that, named like the node, makes it; None where there is no plain one. handles: names that no
    longer mean a function."""
    kind = node.type
    if kind == "Placeholder":
        shape = node.attrs["shape"]
        more = "" if shape is None else f", shape={shown_shape(shape)}"
        return f"placeholder({node.attrs['dtype'].name}{more})"
    if kind == "Const":
        return _constant(node)
    if not _by_default(node):
        return None
    if kind in OPERATORS and len(node.inputs) == 2:
        if kind == "MatMul" and any(t.static is None or len(t.static) != 2 for t in node.inputs):
            return None
        if kind == "RealDiv" and not node.inputs[0].dtype.is_floating:
            return None
        return f"{reference(node.inputs[0])} {OPERATORS[kind]} {reference(node.inputs[1])}"
    name = FUNCTIONS.get(kind)
    if name is None or name in handles or not node.inputs or len(node.outputs) != 1:
        return None
    return f"{name}({', '.join(reference(t) for t in node.inputs)})"


def _by_default(node: Node) -> bool:
    """Whether every attr follows from the inputs or is the default."""
    opdef = node.opdef
    if opdef is None:
        return False
    return all(key in opdef.attrs and (key in opdef.inferred or is_default(node, key)) for key in node.attrs)


def is_default(node: Node, key: str) -> bool:
    """Whether an attr has the default of its op."""
    opdef = node.opdef
    if opdef is None or opdef.attrs[key].default is Attr.NONE:
        return False
    value, default = node.attrs[key], opdef.defaults[key]
    try:
        return bool(value == default) and type(value) is type(default)
    except ValueError:
        return False


def _constant(node: Node) -> str | None:
    value = node.attrs["value"]
    if isinstance(value, OpaqueTensor) or value.size > 8 or value.size == 0 or value.dtype.kind not in "fiub":
        return None
    if value.dtype.name not in ("float16", "float32", "float64", "int32", "int64", "bool"):
        return None
    if value.dtype.kind == "f" and not all(abs(v) < float("inf") for v in value.reshape(-1).tolist()):
        return None
    return f"constant({_numbers(value)}, dtype={value.dtype.name})"


def _numbers(value: Any) -> str:
    if value.ndim:
        return f"[{', '.join(_numbers(v) for v in value)}]"
    one = value[()]
    return repr(float(str(one))) if one.dtype.kind == "f" else repr(one.item())


def shown_shape(shape: Static) -> str:
    return "[" + ", ".join("None" if s is None else str(s) for s in shape or ()) + "]"


@dataclass(frozen=True)
class VariableCall:
    """A ``get_variable`` that makes ``nodes``."""

    variable: Node
    nodes: tuple[Node, ...]
    fields: dict[str, Any] = field(default_factory=dict)


INITIALIZERS = {"zeros": "zeros", "ones": "ones"}


def variable_call(node: Node, order: Sequence[Node]) -> VariableCall | None:
    """The ``get_variable`` whose first node this is: zeros, ones, or glorot_uniform, get_variable's own.

    order: the nodes of the graph, in which each stands at its number.
    """
    head, slash, tail = node.name.partition("/Initializer/")
    variable = node.graph.nodes.get(head)
    if not slash or variable is None or variable.type != "VariableV2":
        return None
    shape = variable.attrs["shape"]
    if not shape or None in shape:
        return None
    fields: dict[str, Any] = {"shape": list(shape)}
    dtype = variable.attrs["dtype"]
    if dtype.name != "float32":
        fields["dtype"] = dtype.name
    if tail in INITIALIZERS and node.type == "Const":
        fields["initializer"] = INITIALIZERS[tail]
        count = 4
    elif tail == "random_uniform/shape" and len(shape) >= 1:
        count = 10
    else:
        return None
    group = tuple(order[node.number:node.number + count])
    ends = [f"{head}", f"{head}/Assign", f"{head}/read"]
    if [n.name for n in group[-3:]] != ends or not all(n.name == head or n.name.startswith(f"{head}/") for n in group):
        return None
    return VariableCall(variable, group, fields)
