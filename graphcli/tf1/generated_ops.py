"""``gen_nn_ops`` and its like of ``tensorflow.python.ops``: a function per op type, by its name in small letters."""
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from ..errors import InvalidType
from ..graph.opdef import get_op
from ..ops import names as op_types
from .framework import apply_op


@cache
def _types() -> dict[str, str]:
    return {op_type.lower(): op_type for op_type in op_types()}


def function_of(name: str) -> Callable[..., Any] | None:
    """The function that makes an op, as ``relu_grad`` a ReluGrad; None where there is no such op.

    It takes the inputs, then the attrs that do not follow from them, those without a default first, and ``name``.
    ``_relu_grad``, as names were before TensorFlow 1.8, is the same.
    """
    op_type = _types().get(name.replace("_", ""))
    if op_type is None:
        return None
    opdef = get_op(op_type)
    attrs = [key for key in opdef.attrs if key not in opdef.inferred]
    names = [*(a.name for a in opdef.inputs), *sorted(attrs, key=lambda key: key in opdef.defaults), "name"]
    needed = len(opdef.inputs)

    def make(*args: Any, **by_name: Any) -> Any:
        if len(args) > len(names):
            raise InvalidType(f"{name}() takes {len(names)} arguments ({', '.join(names)}), not {len(args)}")
        given = dict(zip(names, args))
        for key, value in by_name.items():
            if key not in names or key in given:
                raise InvalidType(f"{name}() takes {', '.join(names)}, each once; {key} is none of them or given twice")
            given[key] = value
        missing = [key for key in names[:needed] if key not in given]
        if missing:
            raise InvalidType(f"{name}() needs {', '.join(missing)}")
        called = given.pop("name", None)
        return apply_op(op_type, called, [given.pop(key) for key in names[:needed]], given)

    make.__name__ = make.__qualname__ = name
    return make
