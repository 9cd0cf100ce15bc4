"""What a session does with the values of its graph's variables."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InvalidValue
from ..graph.shapes import show
from ..passes.place import Placement
from ..passes.prune import INPUTS
from .failures import uninitialized
from .feeds import Contents, convert
from .fetches import is_variable
from .handed import on_host

if TYPE_CHECKING:
    from ..graph.graph import Graph
    from .checkpoint import Rename, Restored
    from .names import Names
    from .plans import Plans
    from .state import State


class Variables:
    """A session, as it initializes, shows, sets, saves and restores variables."""

    graph: Graph
    state: State
    names: Names
    plans: Plans
    _start: Callable[[Any], None] | None

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None, options: Any = None,
            run_metadata: Any = None) -> Any:
        """A step, which the session takes."""
        raise NotImplementedError

    def initialize(self, feed_dict: Mapping[Any, Any] | None = None, missing_only: bool = False) -> None:
        """Gives every global and local variable its initial value.

        The same as running ``tf.global_variables_initializer()`` and the local one, without adding to
        the graph; an initializer that reads another variable comes after that one's. Of feed_dict
        only placeholders count. missing_only: those that have a value keep it. A model that was saved with the
        values of its variables gets them.
        """
        variables = [v for v in self.variables() if not missing_only or not self.is_initialized(v)]
        if variables:
            initializers = [getattr(v.initializer, "op", v.initializer) for v in variables]
            feeds = {t: v for t, v in self.names.feeds(feed_dict).items() if t.op.type in INPUTS}
            found = self.plans.prepared(initializers, list(feeds), writers_first=True)
            self.plans.call(found, list(feeds.values()))
        if self._start is not None:
            self._start(self)

    def variables(self) -> list[Any]:
        """The global and local variables of the graph, each once."""
        found = [v for k in ("variables", "local_variables") for v in self.graph.get_collection(k)]
        return list({id(v): v for v in found if is_variable(v)}.values())

    def value(self, variable: Any) -> Any:
        """A copy of a variable's value. Raises RunError if it has none."""
        node = self.names.variable(variable)
        slot = self.state.slot(node)
        if slot.value is None:
            raise uninitialized(node)
        return on_host(slot.value)

    def load(self, variable: Any, value: Any) -> None:
        """Gives a variable a value. Raises what ``feeds.convert`` raises if it does not fit."""
        node = self.names.variable(variable)
        array = convert(Contents(node), value)
        static = node.attrs.get("shape")
        if static is not None and len(static) == array.ndim and tuple(array.shape) != tuple(
                a if s is None else s for s, a in zip(static, array.shape)):
            raise InvalidValue(f"{node.name} has shape {show(static)}, not {show(array.shape)}", node.span)
        backend = self.plans.backend(self.placement().device(node))
        self.state.slot(node).value = backend.put(np.array(array, order="C"))

    def is_initialized(self, variable: Any) -> bool:
        return self.state.slot(self.names.variable(variable)).value is not None

    def save(self, prefix: str, global_step: Any = None, variables: Sequence[Any] | None = None,
             extra: Mapping[str, Any] | None = None, keep: int | None = None) -> str:
        """Writes the global variables to a checkpoint that TensorFlow reads; returns its prefix.

        prefix: a path; ``-STEP`` is added if global_step, a number or what gives one, is there. The folder is
        made, and its ``checkpoint`` file names the newest. variables: these instead. extra: further arrays by
        name. keep: how many of the folder's checkpoints stay, all by default.

        Raises RunError for a variable without a value, UsageError for a file that cannot be written.
        """
        from .checkpoint import save

        return save(self, prefix, global_step, variables, extra, keep)

    def restore(self, prefix: str, rename: Rename | None = None, partial: bool = False) -> Restored:
        """Gives the variables their values in a checkpoint; returns what matched and what did not.

        prefix: of a checkpoint, or a folder, whose newest is taken. rename: {name in the checkpoint: variable, or
        None for none}, or a function from the one to the name of the other. partial: variables that are missing or of
        another shape or dtype are left as they are; without it they are an error (NotFound, InvalidValue) and nothing
        changes.

        Raises DataLoss for a damaged checkpoint; nothing changes then.
        """
        from .checkpoint import restore

        return restore(self, prefix, rename, partial)

    def resolve(self, thing: Any) -> Any:
        """What a name means here: a handle of the spec first, else a name of the graph."""
        return self.names.resolve(thing)

    def placement(self) -> Placement:
        """Where each node runs, and why."""
        return self.plans.placement()
