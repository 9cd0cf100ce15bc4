"""What layers have in common: their scope, variables, losses and updates (tf.layers.Layer).

A layer takes its scope when it is first called (``dense``, ``dense_1``, …), builds its variables there, and
shares them whenever it is called again.
"""
from __future__ import annotations

import re
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported
from ..graph.collections import GraphKeys
from ..graph.types import as_dtype, float32
from . import nesting as nest
from .conversion import convert_to_tensor, is_tensor
from .framework import get_default_graph, name_scope
from .get_variable import get_variable
from .initializers import Zeros
from .initializers_scaled import GlorotUniform
from .layers_input import InputSpec
from .layers_words import initializer as named
from .modules import modules
from .partitioned import PartitionedVariable
from .variable_creators import VariableAggregation, VariableSynchronization
from .variable_scope import variable_scope

EXPORTS = """
layers: Layer
python.framework.smart_cond contrib.framework: smart_cond=smart_cond_of_either smart_constant_value=known
"""

tf = modules["tf"]
_used: weakref.WeakKeyDictionary[Any, dict[str, int]] = weakref.WeakKeyDictionary()


def smart_cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """tf.cond, decided at once where the condition is a number or a constant."""
    value = known(pred)
    if value is None:
        return tf.cond(pred, true_fn, false_fn)
    return true_fn() if value else false_fn()


def known(pred: Any) -> bool | None:
    """The truth of a condition where it is known, None where the run decides."""
    from ..graph.constant import static_value

    if not is_tensor(pred):
        return bool(pred)
    value = static_value(pred) if hasattr(pred, "op") and not hasattr(pred, "_as_tensor") else None
    return None if value is None else bool(value)


def smart_cond_of_either(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """tf.cond, decided at once where the condition is known (tf.contrib.framework.smart_cond).

    Raises InvalidType for a condition that is no tensor, boolean, 0 or 1, and for what is no function.
    """
    for word, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            raise InvalidType(f"`{word}` must be callable.")
    if not is_tensor(pred) and pred not in (0, 1):
        raise InvalidType(f"`pred` must be a Tensor, or a Python bool, or 1 or 0. Found instead: {type(pred)}")
    value = known(pred)
    if value is None:
        return tf.cond(pred, true_fn, false_fn, name=name)
    return true_fn() if value else false_fn()


def _snake(name: str) -> str:
    name = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _unique(base: str) -> str:
    """A layer's name that no other of this graph has: from ``dense_1`` on, while its scope is ``dense``."""
    counts = _used.setdefault(get_default_graph(), {})
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"


class Layer:
    """A function with variables of its own (tf.layers.Layer).

    trainable: whether its variables are trained. name: of its scope, of the class by default. dtype: of its
    variables, the input's by default. A class below makes variables in ``build(input_shape)`` with
    ``add_weight``, and the output in ``call(inputs)``.

    Raises InvalidType for an argument that it does not know.
    """

    has_scope_argument = False

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None,
                 activity_regularizer: Any = None, _scope: Any = None, _reuse: Any = None, **unknown: Any) -> None:
        if unknown:
            raise InvalidType(f"{type(self).__name__} has no argument {next(iter(unknown))!r}")
        self._base_name = name or _snake(type(self).__name__)
        self._name = name or _unique(self._base_name)
        self.trainable = trainable
        self.activity_regularizer = activity_regularizer
        self.input_spec: InputSpec | None = None
        self.built = False
        self._dtype = None if dtype is None else as_dtype(dtype).base_dtype
        self._reuse = _reuse
        self._trainable_weights: list[Any] = []
        self._non_trainable_weights: list[Any] = []
        self._updates: list[Any] = []
        self._losses: list[Any] = []
        self._scope: Any = None
        if _scope:
            with variable_scope(_scope) as scope:
                self._scope = scope

    # -- what there is

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def scope_name(self) -> str:
        """The variable scope. Raises InvalidValue before the first call."""
        if self._scope is None:
            raise InvalidValue(f"layer {self._name} has no scope before it is called")
        return self._scope.name  # type: ignore[no-any-return]

    @property
    def trainable_weights(self) -> list[Any]:
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        fixed = self._non_trainable_weights
        return list(fixed) if self.trainable else self._trainable_weights + fixed

    @property
    def weights(self) -> list[Any]:
        return self.trainable_weights + self.non_trainable_weights

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        return self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        return self.weights

    @property
    def updates(self) -> list[Any]:
        return list(self._updates) if self.trainable else []

    @property
    def losses(self) -> list[Any]:
        return list(self._losses)

    def count_params(self) -> int:
        """How many numbers its variables hold."""
        total = 0
        for v in self.weights:
            size = 1
            for s in v.static:
                size *= s
            total += size
        return total

    # -- making

    def _set_scope(self, scope: Any = None) -> None:
        if self._scope is None:
            if self._reuse:
                opened = variable_scope(self._base_name if scope is None else scope)
            else:
                opened = variable_scope(scope, default_name=self._base_name)
            with opened as found:
                self._scope = found

    def add_weight(self, name: str, shape: Any, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
                   trainable: bool | None = None, constraint: Any = None, partitioner: Any = None,
                   synchronization: Any = VariableSynchronization.AUTO,
                   aggregation: Any = VariableAggregation.NONE) -> Any:
        """A variable of the layer, by get_variable in its scope; the scope's initializer if none is given."""
        before = set(tf.global_variables())
        kind = as_dtype(dtype or self._dtype or float32)
        trainable = (trainable is None or trainable) and self.trainable
        self._set_scope()
        with (variable_scope(self._scope, reuse=self.built or self._reuse, auxiliary_name_scope=False) as scope,
              name_scope(scope.original_name_scope)):
            initializer = named(initializer)
            if initializer is None:
                initializer = scope.initializer or (GlorotUniform() if kind.is_floating else Zeros())
            variable = get_variable(name, list(shape), kind, initializer, trainable=trainable, constraint=constraint,
                                    partitioner=partitioner, synchronization=synchronization, aggregation=aggregation)
            # of a variable in pieces each piece is a weight, and has its loss
            for piece in variable if isinstance(variable, PartitionedVariable) else [variable]:
                moves = trainable and piece in tf.trainable_variables()
                (self._trainable_weights if moves else self._non_trainable_weights).append(piece)
                if regularizer is not None and piece not in before:
                    with name_scope(f"{name}/Regularizer"):
                        loss = regularizer(piece)
                    if loss is not None:
                        self.add_loss(loss)
        return variable

    add_variable = add_weight

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Losses of the layer, also in REGULARIZATION_LOSSES."""
        collection = get_default_graph().get_collection_ref(GraphKeys.REGULARIZATION_LOSSES)
        for loss in nest.flatten(losses):
            loss = loss() if callable(loss) else loss
            if loss is None:
                continue
            loss = loss if is_tensor(loss) else convert_to_tensor(loss, float32)
            self._losses.append(loss)
            if not any(loss is other for other in collection):
                collection.append(loss)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Ops that are to run with each training step, also in UPDATE_OPS."""
        for update in nest.flatten(updates):
            self._updates.append(getattr(update, "op", update))

    def get_losses_for(self, inputs: Any) -> list[Any]:
        return self.losses

    def get_updates_for(self, inputs: Any) -> list[Any]:
        return self.updates

    def build(self, input_shape: Any) -> None:
        """Makes the variables; a class below ends with ``self.built = True``."""
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for that of an input. Raises NotSupported where the class does not say it."""
        raise NotSupported(f"{type(self).__name__} does not say what shape its output has",
                           hint="give the class compute_output_shape(self, input_shape)")

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The output for an input, in the layer's scope. Raises InvalidValue for an input that does not fit."""
        self._set_scope(kwargs.pop("scope", None))
        with self._opened() as scope:
            if self.has_scope_argument:
                kwargs["scope"] = scope
            inputs = nest.map_structure(lambda x: x if hasattr(x, "dtype") and is_tensor(x) or x is None
                                        else convert_to_tensor(x), inputs)
            first = next((x for x in nest.flatten(inputs) if is_tensor(x)), None)
            if self.input_spec is not None and first is not None:
                self.input_spec.check(first.static, self._name)
            with name_scope(scope.original_name_scope):
                if not self.built:
                    if self._dtype is None and first is not None and (first.dtype.base_dtype.is_floating
                                                                      or first.dtype.base_dtype.is_complex):
                        self._dtype = first.dtype.base_dtype
                    shape = nest.map_structure(lambda x: x.shape, inputs)
                    if self.input_spec is not None or first is None or first.static is not None:
                        self.build(shape)
                    self.built = True
                outputs = self.call(inputs, *args, **kwargs)
                if self.activity_regularizer is not None:
                    self._regularize(outputs)
        updates = get_default_graph().get_collection_ref(GraphKeys.UPDATE_OPS)
        for update in self.updates:
            if not any(update is other for other in updates):
                updates.append(update)
        return outputs

    apply = __call__

    def _opened(self) -> AbstractContextManager[Any]:
        reuse = True if self.built else self._reuse
        return variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False)

    def _regularize(self, outputs: Any) -> None:
        assert self.activity_regularizer is not None
        with name_scope("ActivityRegularizer"):
            for output in nest.flatten(outputs):
                loss = self.activity_regularizer(output)
                batch = tf.cast(tf.shape(output)[0], loss.dtype.base_dtype)
                self.add_loss(tf.divide(loss, batch))
