"""``ops``: the vocabulary."""
from __future__ import annotations

from typing import Any

import click

from ..errors import UsageError, did_you_mean
from . import complete
from .options import format_option, verb
from .patterns import is_pattern, nothing


@verb("ops", "ops conv2d")
@click.argument("name", required=False, shell_complete=complete.vocabulary)
@format_option
def command(name: str | None, form: str) -> int:
    """List what can be written in a spec, or show NAME: a call (relu, nn.relu) or an op type (Relu).

    The calls are TF1's with TF1's signatures; the op types are for `op: TYPE`. NAME may be a pattern: '*pool*',
    'nn.*'.
    """
    if name is None or is_pattern(name):
        return _list(name, form)
    found = _call(name)
    op = _op(name, found)
    if found is None and op is None:
        from ..graph.opdef import op_types
        from ..tf1.modules import all_names, modules

        known = [*all_names(), *op_types()]
        own = next((f"{m}.{name}" for m, module in modules.items() if name in module), None)
        held = sum(name.lower() in n.lower() for n in known)
        near = f"did you mean {own!r}?" if own else f"graphcli ops '*{name}*' lists {held} that have it" if held > 1 \
            else did_you_mean(name, known)
        raise UsageError(f"unknown call or op type {name!r}", hint=near or "graphcli ops lists them")
    return _one(name, found, op, form)


def _call(name: str) -> Any:
    from ..tf1.modules import find, modules

    parts = [p for p in name.split(".") if p]
    if parts and parts[0] == "tf":
        parts = parts[1:]
    if not parts:
        return None
    if len(parts) == 1:
        return find(parts[0])
    module = modules.get(".".join(parts[:-1]))
    return getattr(module, parts[-1], None) if module is not None else None


def _op(name: str, call: Any) -> Any:
    """The op type of this name, or of a call's: relu makes Relu, reduce_sum Sum, concat ConcatV2."""
    from ..graph.opdef import find_op
    from ..ops import names

    if call is None:
        return find_op(name)
    if isinstance(call, type):
        return None
    types = {t.lower(): t for t in names()}
    word = name.rpartition(".")[2].removeprefix("reduce_").replace("_", "").lower()
    same = types.get(f"{word}v2") or types.get(word)
    return None if same is None else find_op(same)


def signature(name: str, function: Any) -> str:
    import inspect

    if not callable(function):
        return name
    try:
        s = inspect.signature(function)
    except (ValueError, TypeError):
        return f"{name}(...)"
    parts = []
    for p in s.parameters.values():
        text = p.name
        if p.kind is p.VAR_POSITIONAL:
            text = "*" + text
        elif p.kind is p.VAR_KEYWORD:
            text = "**" + text
        elif p.default is not p.empty:
            default = getattr(p.default, "name", None) or repr(p.default)
            text += f"={default}"
        parts.append(text)
    return f"{name}({', '.join(parts)})"


def doc(value: Any) -> str:
    """The docstring, of a protocol message its fields."""
    import inspect

    if hasattr(value, "DESCRIPTOR"):
        fields = ", ".join(f.name for f in value.DESCRIPTOR.fields)
        return f"The protocol message {value.DESCRIPTOR.name} of TensorFlow.\n\nFields: {fields or 'none'}."
    return inspect.cleandoc(getattr(value, "__doc__", None) or "")


def first_line(value: Any) -> str:
    return " ".join(doc(value).split("\n\n")[0].split())


def paragraphs(text: str) -> list[Any]:
    """A docstring by its paragraphs, each broken to the width; one with indented lines stays as it is."""
    from . import render

    out: list[Any] = []
    for part in text.split("\n\n"):
        lines = part.splitlines()
        kept = any(text[:1].isspace() for text in lines)
        out += [""] * bool(out)
        out += render.bullet(lines) if kept else render.hang([("  ", "")], [(" ".join(lines), "")])
    return out


def has_gradient(op: Any) -> bool:
    return callable(op.gradient) and op.gradient.__name__ not in ("no_gradient", "undefined_gradient")


def _dtypes(op: Any) -> dict[str, list[str]]:
    return {a.name: [d.name for d in a.allowed] for a in op.attrs.values()
            if a.allowed and hasattr(a.allowed[0], "base_dtype")}


def op_json(op: Any) -> dict[str, Any]:
    from .nodes import attr_json

    return {"name": op.name, "signature": " ".join(op.cls.signature.split()), "dtypes": _dtypes(op),
            "attrs": {a.name: {"type": a.kind, "inferred": a.name in op.inferred,
                               **({"default": attr_json(a.default)} if a.default is not a.NONE else {})}
                      for a in op.attrs.values()},
            "gradient": has_gradient(op), "doc": first_line(op.cls)}


def _one(name: str, call: Any, op: Any, form: str) -> int:
    from . import render

    if form == "json":
        out: dict[str, Any] = {"name": name}
        if call is not None:
            out["call"] = {"signature": signature(name, call), "doc": doc(call)}
        if op is not None:
            out["op"] = op_json(op)
        render.json(out)
        return 0
    if call is not None:
        render.show(render.hang([], [(signature(name, call), render.HEAD)]))
        render.show(paragraphs(doc(call)))
    if op is not None:
        if call is not None:
            render.show([""])
        rows: list[Any] = [["inputs", " ".join(op.cls.signature.split()).replace("->", "→")]]
        for key, names in _dtypes(op).items():
            rows.append([key, ", ".join(names)])
        plain = [a for a in op.attrs.values() if a.name not in op.inferred]
        for i, a in enumerate(plain):
            default = "" if a.default is a.NONE else f" = {getattr(a.default, 'name', a.default)}"
            rows.append(["attrs" if i == 0 else "", f"{a.name}: {a.kind}{default}"])
        rows.append(["gradient", "yes" if has_gradient(op) else "none"])
        render.show([[("op: ", ""), (op.name, render.HEAD)], *render.hang([("  ", "")], [(first_line(op.cls), "")]),
                     *render.table(rows, indent=2)])
    return 0


def _names(module: Any) -> list[str]:
    from ..tf1.modules import modules

    return [n for n in dir(module) if n not in modules and not n.startswith("_")]


def _list(pattern: str | None, form: str) -> int:
    import fnmatch

    from ..graph.opdef import get_op, op_types
    from ..tf1.modules import SEARCH, modules
    from . import render

    types = op_types()
    if pattern is None or "." not in pattern:
        calls = {n: m for m in reversed(SEARCH) for n in _names(modules[m])}
    else:
        # one that names a module looks in all of them
        pattern = pattern.removeprefix("tf.")
        calls = {f"{m}.{n}": m for m, module in modules.items() if m != "tf" for n in _names(module)}
    if pattern is not None:
        calls = {n: m for n, m in calls.items() if fnmatch.fnmatchcase(n, pattern)}
        types = [t for t in types if fnmatch.fnmatchcase(t, pattern)]
        if not calls and not types:
            nothing("no call or op type", pattern)
    every = {n: _call(n) for n in sorted(calls)}
    # a protocol message is a class of the file formats, no call
    found = {n: f for n, f in every.items() if not hasattr(f, "DESCRIPTOR")}
    messages = [n for n in every if n not in found]
    calls = {n: calls[n] for n in found}
    if form == "json":
        render.json({"calls": [{"name": n, "module": m, "signature": signature(n, found[n]), "doc": first_line(found[n])
                                if callable(found[n]) else ""} for n, m in calls.items()],
                     "ops": [op_json(get_op(t)) for t in types]})
        return 0
    rows: list[Any] = [[(n, render.NAME), (first_line(f) if callable(f) else "", render.DIM)] for n, f in found.items()]
    if calls:
        render.show([(f"{render.plural(len(calls), 'call')}; graphcli ops NAME shows one", render.HEAD),
                     *render.table(rows, indent=2)])
    if types:
        rows = []
        for op in map(get_op, types):
            gradient = "gradient" if has_gradient(op) else ""
            rows.append([(op.name, render.NAME), gradient, (first_line(op.cls), render.DIM)])
        render.show([*[""] * bool(calls), (f"{render.plural(len(types), 'op type')} for `op: TYPE`", render.HEAD),
                     *render.table(rows, indent=2)])
    if messages and pattern is not None:
        render.show([*[""] * bool(calls or types), (render.plural(len(messages), "protocol message"), render.HEAD),
                     *render.hang([("  ", "")], [(", ".join(messages), "")])])
    return 0
