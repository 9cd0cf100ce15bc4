"""Functions that make their variables once and share them ever after (tf.make_template)."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from .framework import get_default_graph
from .variable_scope import VariableScope, pure_scope, unique_scope_name, variable_scope

EXPORTS = """
tf: make_template
"""


class Template:
    """A function under a variable scope of its own, which is opened again at each call.

    variable_scope: the scope, None before it is opened. The lists of variables are those below it.
    """

    def __init__(self, name: str, func: Callable[..., Any], create_scope_now: bool = False,
                 unique_name: str | None = None, custom_getter: Any = None) -> None:
        self.func, self.name = func, name
        self._unique_name, self._getter = unique_name, custom_getter
        # programs ask for it by this name
        self._variables_created = False
        self.variable_scope: VariableScope | None = None
        if name is None:
            raise InvalidValue("a template needs a name")
        if create_scope_now:
            with pure_scope(unique_name or unique_scope_name(name), custom_getter) as self.variable_scope:
                pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function gives. Raises InvalidValue if a later call makes a trainable variable."""
        if self.variable_scope is None:
            with variable_scope(self._unique_name, self.name, custom_getter=self._getter) as self.variable_scope:
                return self._call(args, kwargs)
        with variable_scope(self.variable_scope, reuse=self._variables_created):
            return self._call(args, kwargs)

    def _call(self, args: Any, kwargs: Any) -> Any:
        trainable = get_default_graph().get_collection_ref("trainable_variables")
        before = len(trainable)
        result = self.func(*args, **kwargs)
        if self._variables_created and len(trainable) != before:
            raise InvalidValue(f"the template {self.name!r} makes a trainable variable after its first call: "
                               f"{trainable[before].name}", hint="get_variable shares; Variable makes one anew")
        self._variables_created = True
        return result

    @property
    def var_scope(self) -> VariableScope | None:
        return self.variable_scope

    @property
    def variable_scope_name(self) -> str | None:
        """The scope's name and a slash, None before it is opened."""
        if self.variable_scope is None:
            return None
        name = self.variable_scope.name
        return name if not name or name[-1] == "/" else name + "/"

    def _below(self, key: str) -> list[Any]:
        return get_default_graph().get_collection(key, self.variable_scope_name) if self._variables_created else []

    @property
    def global_variables(self) -> list[Any]:
        return self._below("variables")

    @property
    def local_variables(self) -> list[Any]:
        return self._below("local_variables")

    @property
    def trainable_variables(self) -> list[Any]:
        return self._below("trainable_variables")

    @property
    def non_trainable_variables(self) -> list[Any]:
        known = self.trainable_variables
        return [v for v in self.global_variables if not any(v is t for t in known)]

    @property
    def variables(self) -> list[Any]:
        return self.global_variables + self.local_variables

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables


def make_template(name_: str, func_: Callable[..., Any], create_scope_now_: bool = False,
                  unique_name_: str | None = None, custom_getter_: Any = None, **kwargs: Any) -> Template:
    """``func_``, with some arguments given, as a function whose calls share their variables (tf.make_template)."""
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(name_, func_, create_scope_now_, unique_name_, custom_getter_)
