"""Session.save and Session.restore: variables to a checkpoint of TensorFlow's V2 format and back."""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any

from ..errors import InvalidValue, NotFound, UsageError, reason_of
from ..graph.names import nearest_path
from ..graph.shapes import show
from ..graph.types import as_dtype
from ..passes.effects import VARIABLES
from ..wire import checkpoints
from ..wire.bundle import Bundle, BundleWriter, Entry, open_checkpoint
from .failures import uninitialized
from .saved import Saved, saved_as

if TYPE_CHECKING:
    from .session_variables import Variables

PRIVATE = ("_graphcli/", "_CHECKPOINTABLE_OBJECT_GRAPH")
"""Names, or beginnings of names, of what a checkpoint holds beside variables."""
Rename = Mapping[str, Any] | Callable[[str], str]


@dataclass(frozen=True)
class Mismatch:
    """A variable that the checkpoint has in another form. wanted, found: ``float32 [2, 3]``."""

    variable: str
    tensor: str
    wanted: str
    found: str


@dataclass
class Restored:
    """What a restore came to.

    matched: variable -> the tensor that it got. missing: variable -> the nearest name in the checkpoint that no
    variable has taken, or None. extra: tensors that no variable wanted. misshaped: other shapes and dtypes.
    """

    prefix: str
    matched: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str | None] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    misshaped: list[Mismatch] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every variable was restored."""
        return not self.missing and not self.misshaped


def saved_variables(session: Variables) -> list[Any]:
    """The nodes of the variables that a checkpoint is to hold: the global ones, all of a graph without collections."""
    found = [v.op for v in session.graph.get_collection("variables") if hasattr(v, "initializer")]
    return list(dict.fromkeys(found)) or [n for n in session.graph.get_operations() if n.type in VARIABLES]


def save(session: Variables, prefix: str, global_step: Any = None, variables: Sequence[Any] | None = None,
         extra: Mapping[str, Any] | None = None, keep: int | None = None) -> str:
    """See Session.save."""
    checkpoints.check_text(prefix)
    if global_step is not None:
        step = int(global_step) if isinstance(global_step, Integral) else int(session.run(global_step))
        prefix = f"{prefix}-{step}"
    nodes = saved_variables(session) if variables is None else [
        session.names.variable(part) for v in variables for part in getattr(v, "_get_variable_list", lambda v=v: [v])()]
    if not nodes and not extra:
        raise InvalidValue("there are no variables to save")
    for node in nodes:
        if session.state.slot(node).value is None:
            raise uninitialized(node)
    folder = os.path.dirname(prefix)
    try:
        os.makedirs(folder or ".", exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {prefix}: no folder can be made there: {reason_of(error)}") from None
    things: dict[str, Any] = saved_as(session.graph, nodes) | dict(extra or {})
    with BundleWriter(prefix) as writer:
        for name in sorted(things):
            thing = things[name]
            if isinstance(thing, Saved):
                thing.write(writer, session.state)
            else:
                writer.add(name, thing)
    _remember(folder, prefix, keep)
    return prefix


def _remember(folder: str, prefix: str, keep: int | None) -> None:
    """Names the checkpoint in the state file, then removes those that are too many."""
    state = checkpoints.read_state(folder)
    paths = [p for p in state.all_model_checkpoint_paths if p != prefix and checkpoints.checkpoint_there(p)] \
        if state is not None else []
    paths.append(prefix)
    old = paths[:-keep] if keep else []
    # relative, so that the folder may be moved
    beside = [os.path.relpath(p, folder or ".") for p in paths[len(old):]]
    checkpoints.write_state(folder, checkpoints.make_state(os.path.abspath(folder), beside[-1], beside))
    for path in old:
        checkpoints.remove_checkpoint(path)


def restore(session: Variables, prefix: str, rename: Rename | None = None, partial: bool = False) -> Restored:
    """See Session.restore."""
    with open_checkpoint(checkpoints.prefix_of(os.fspath(prefix))) as bundle:
        known = restorable(session)
        wanted = set(saved_variables(session))
        report = Restored(bundle.prefix)
        sources = _sources(session, bundle, known, rename)
        for name, saved in known.items():
            tensor = sources.get(name)
            if tensor is None:
                # a local one need not be there
                if saved.nodes[0] in wanted:
                    report.missing[name] = None
                continue
            wrong = _mismatch(saved, bundle.entry(tensor))
            if wrong is None:
                report.matched[name] = tensor
            else:
                report.misshaped.append(wrong)
        taken = {*report.matched.values(), *(m.tensor for m in report.misshaped)}
        report.extra = [t for t in bundle if t not in taken and not t.startswith(PRIVATE)]
        for name in report.missing:
            report.missing[name] = nearest_path(name, report.extra)
        if not report.complete and not partial:
            raise refused(report)
        # all are read before the first is replaced: a damaged checkpoint changes nothing
        values = [pair for v, t in report.matched.items() for pair in known[v].read(bundle, t)]
    for node, value in values:
        backend = session.plans.backend(session.placement().device(node))
        session.state.slot(node).value = value if backend.host else backend.put(value)
    return report


def restorable(session: Variables) -> dict[str, Saved]:
    """The variables that may be in a checkpoint, by name there: those that are always saved, and the local ones."""
    local = [v.op for v in session.variables()]
    return saved_as(session.graph, dict.fromkeys([*saved_variables(session), *local]))


def _sources(session: Variables, bundle: Bundle, known: Mapping[str, Saved], rename: Rename | None) -> dict[str, str]:
    """Variable name -> name of its tensor. Raises NotFound and InvalidValue for a mapping that is at fault."""
    out: dict[str, str] = {}
    mapping: dict[str, str] = {}
    if isinstance(rename, Mapping):
        for tensor, variable in rename.items():
            bundle.entry(tensor)
            mapping[tensor] = "" if variable is None else _named(session, known, variable)
    for tensor in bundle:
        name = mapping.get(tensor, tensor) if not callable(rename) else rename(tensor)
        if name not in known or (name in mapping.values() and tensor not in mapping):
            continue
        if name in out:
            raise InvalidValue(f"the variable {name} would get both {out[name]} and {tensor}")
        out[name] = tensor
    return out


def _named(session: Variables, known: Mapping[str, Saved], variable: Any) -> str:
    """The name in ``known`` of a variable that is given by itself, its parts or a name."""
    name = variable if isinstance(variable, str) else getattr(variable, "name", "")
    if name in known:
        return str(name)
    node = session.names.variable(variable)
    return next((name for name, saved in known.items() if node in saved.nodes), node.name)


def _mismatch(saved: Saved, entry: Entry) -> Mismatch | None:
    dtype, static = saved.dtype, saved.static
    fits = static is None or len(static) == len(entry.shape) and all(
        s is None or s == e for s, e in zip(static, entry.shape))
    if fits and dtype.enum == entry.dtype:
        return None
    return Mismatch(saved.name, entry.name, f"{dtype.name} {show(static)}", f"{_dtype(entry)} {show(entry.shape)}")


def _dtype(entry: Entry) -> str:
    try:
        return as_dtype(entry.dtype).name
    except TypeError:
        return entry.dtype_name


def refused(report: Restored) -> NotFound | InvalidValue:
    """The error of a restore that does not find everything, with a line for each name."""
    parts = []
    if report.missing:
        count = len(report.missing)
        parts.append(f"{count} variable{'s are' if count > 1 else ' is'} not in {report.prefix}")
    if report.misshaped:
        count = len(report.misshaped)
        noun = "" if report.missing else f" variable{'s' if count > 1 else ''}"
        parts.append(f"{count}{noun} {'have' if count > 1 else 'has'} another shape or dtype"
                     + ("" if report.missing else f" in {report.prefix}"))
    kind = NotFound if report.missing else InvalidValue
    error = kind(" and ".join(parts), hint="partial=True restores the others")
    for name, other in list(report.missing.items())[:10]:
        error.note(f"{name} is missing" + (f"; did you mean {other!r}?" if other else ""))
    for m in report.misshaped[:10]:
        named = "" if m.tensor == m.variable else f" ({m.tensor})"
        error.note(f"{m.variable} is {m.wanted}, in the checkpoint{named} {m.found}")
    rest = max(0, len(report.missing) - 10) + max(0, len(report.misshaped) - 10)
    if rest:
        error.note(f"and {rest} more")
    return error
