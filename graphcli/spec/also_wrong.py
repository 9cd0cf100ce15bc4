"""What else is wrong in an expression of which a name is: told with it, for it does not come of that."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

from ..errors import GraphError, InvalidType, NotFound
from .env import Env, PoisonUsed
from .lookup import lookup
from .messages import no_argument

if TYPE_CHECKING:
    from .expr import Interpreter


def unknown_names(i: Interpreter, tree: ast.expr, env: Env) -> list[NotFound]:
    """The errors of all names of an expression that nothing has, each once, in the order in which they stand."""
    functions = {n.func for n in ast.walk(tree) if isinstance(n, ast.Call)}
    own = {a.arg for n in ast.walk(tree) if isinstance(n, ast.Lambda) for a in n.args.args}
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id not in own]
    out: dict[str, NotFound] = {}
    for n in sorted(names, key=lambda n: (n.lineno, n.col_offset)):
        try:
            lookup(i, n, env, "function" if n in functions else "name")
        except NotFound as error:
            out.setdefault(n.id, error)
        except (GraphError, PoisonUsed):
            pass
    return list(out.values())


def unknown_arguments(i: Interpreter, tree: ast.expr, env: Env) -> list[GraphError]:
    """The errors of arguments, by their names, that the functions of an expression do not have."""
    out: list[GraphError] = []
    for n in (n for n in ast.walk(tree) if isinstance(n, ast.Call)):
        root: ast.expr = n.func
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or env.find(root.id) is not None or i.host.function(root.id) is not None:
            continue
        try:
            f = i.visit(n.func, env)
            signature = inspect.signature(f)
        except (GraphError, PoisonUsed, TypeError, ValueError):
            continue
        if any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
            continue
        for k in n.keywords:
            if k.arg is not None and k.arg not in signature.parameters:
                message, hint = no_argument(ast.unparse(n.func), k.arg, signature)
                out.append(InvalidType(message, i.place.span(k), hint=hint))
    return out
