"""The base of optimizers: gradients of a loss, updates of variables, slots (tf.train.Optimizer)."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..analysis.blocked import why
from ..errors import InvalidType, InvalidValue, NotSupported, said
from ..graph.collections import GraphKeys
from ..graph.graph import Tensor
from ..graph.opdef import get_op
from ..graph.types import resource
from .conversion import IndexedSlices, convert_to_tensor
from .framework import apply_op, control_dependencies, get_default_graph, name_scope
from .framework import colocate_with as beside
from .get_variable import get_variable
from .gradients import gradients
from .slots import create_slot, create_slot_with_initializer, create_zeros_slot
from .variable_lists import trainable_variables
from .variable_scope import VariableScope, variable_scope
from .variables import Variable

EXPORTS = """
train: Optimizer
python.training.optimizer: _var_key=var_key
"""

_KINDS = ("float16", "bfloat16", "float32", "float64")


@contextmanager
def by_training() -> Iterator[None]:
    """Nodes made inside are an optimizer's, not the user's."""
    with get_default_graph().scopes.made_by("training"):
        yield


def flat(value: Any) -> list[Any]:
    """The items of a nested structure, in order."""
    if isinstance(value, dict):
        return [x for k in sorted(value) for x in flat(value[k])]
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in flat(v)]
    return [value]


def _one_more(step: Any, name: str) -> Any:
    """The op that counts a step."""
    if hasattr(step, "handle"):
        kind = step.dtype.base_dtype
        return apply_op("AssignAddVariableOp", name, [step.handle, convert_to_tensor(1, dtype=kind)], {"dtype": kind})
    return apply_op("AssignAdd", name, [step, 1])


def var_key(var: Any) -> tuple[Any, str]:
    """By what an optimizer finds the slots of a variable (optimizer._var_key)."""
    return var.op.graph, var.op.name


class Optimizer:
    """What optimizers have in common: ``minimize`` is ``compute_gradients`` and then ``apply_gradients``.

    A subclass gives ``_create_slots``, ``_prepare``, ``_apply_dense``, ``_apply_sparse``, ``_finish``.
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking: bool, name: str, use_own_namescope_for_non_slot_vars: bool = False) -> None:
        if not name:
            raise InvalidValue("an optimizer needs a name")
        self._use_locking = use_locking
        self._name = name
        self._own_scope: VariableScope | None = None
        if use_own_namescope_for_non_slot_vars:
            with variable_scope(None, default_name=name) as self._own_scope:
                pass
        self._slots: dict[str, dict[tuple[Any, str], Variable]] = {}
        self._non_slots: dict[str, Variable] = {}

    def get_name(self) -> str:
        return self._name

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = GATE_OP,
                 aggregation_method: int | None = None, colocate_gradients_with_ops: bool = False,
                 name: str | None = None, grad_loss: Any = None) -> Any:
        """An op that takes one step down the gradient of ``loss``, and counts it in ``global_step``.

        var_list: the variables to change, TRAINABLE_VARIABLES by default.
        Raises InvalidValue if the loss depends on none of them.
        """
        pairs = self.compute_gradients(loss, var_list, gate_gradients, aggregation_method,
                                       colocate_gradients_with_ops, grad_loss)
        if all(g is None for g, _ in pairs):
            names = ", ".join(v.op.name for _, v in pairs)
            error = InvalidValue(f"{loss.name} depends on none of the variables {names} in a way that has gradients")
            for _, variable in pairs[:3]:
                error.note(why([loss], variable._ref()))
            raise error
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(self, loss: Any, var_list: Any = None, gate_gradients: int = GATE_OP,
                          aggregation_method: int | None = None, colocate_gradients_with_ops: bool = False,
                          grad_loss: Any = None) -> list[tuple[Any, Any]]:
        """Pairs of gradient (a tensor, IndexedSlices or None) and variable."""
        if callable(loss):
            raise InvalidType("the loss is a tensor; a function is for eager execution")
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise InvalidValue("gate_gradients is GATE_NONE, GATE_OP or GATE_GRAPH (0, 1, 2), "
                               f"not {said(gate_gradients)}")
        if not hasattr(loss, "dtype"):
            raise InvalidType(f"the loss is a tensor, not {said(loss)}")
        self._check_dtypes([loss] if grad_loss is None else [loss, grad_loss])
        variables = list(trainable_variables()) if var_list is None else flat(var_list)
        if not variables:
            raise InvalidValue("there are no variables to change",
                               hint="TRAINABLE_VARIABLES is empty: trainable=True, or var_list=[...]")
        for variable in variables:
            if not isinstance(variable, Variable):
                raise NotSupported(f"{said(variable)} is not a variable that can be trained")
        with by_training():
            grads = gradients(loss, [v._ref() for v in variables], grad_ys=grad_loss,
                              gate_gradients=gate_gradients == self.GATE_OP,
                              aggregation_method=aggregation_method,
                              colocate_gradients_with_ops=colocate_gradients_with_ops)
            if gate_gradients == self.GATE_GRAPH:
                from . import modules

                grads = modules["tf"].tuple(grads)
        pairs = list(zip(grads, variables))
        self._check_dtypes([v for g, v in pairs if g is not None])
        return pairs

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Any]], global_step: Any = None,
                        name: str | None = None) -> Any:
        """An op that changes the variables by the gradients; None means no gradient.

        Raises InvalidValue if there is none at all, InvalidType for what is no gradient.
        """
        pairs = [tuple(p) for p in grads_and_vars]
        if not pairs:
            raise InvalidValue("there are no gradients and variables to apply")
        with by_training():
            return self._apply(pairs, global_step, name)

    def _apply(self, pairs: Sequence[Any], global_step: Any, name: str | None) -> Any:
        converted: list[tuple[Any, Any]] = []
        for grad, variable in pairs:
            if not isinstance(variable, Variable):
                raise NotSupported(f"{said(variable)} is not a variable that can be trained")
            if grad is not None and not isinstance(grad, IndexedSlices):
                grad = convert_to_tensor(grad)
            converted.append((grad, variable))
        changed = [v for g, v in converted if g is not None]
        if not changed:
            names = ", ".join(v.op.name for _, v in converted)
            raise InvalidValue(f"there is no gradient for any of the variables {names}")
        with get_default_graph().scopes.lifted():
            self._create_slots(changed)
        updates: list[Any] = []
        with name_scope(name, self._name) as scope:
            self._prepare()
            for grad, variable in converted:
                if grad is None:
                    continue
                with name_scope(f"update_{variable.op.name}"), beside(variable.op):
                    updates.append(self._update(grad, variable))
            if global_step is None:
                result = self._finish(updates, scope)
            else:
                with control_dependencies([self._finish(updates, "update")]):
                    with beside(global_step.op):
                        result = _one_more(global_step, scope)
        node = result.op if isinstance(result, Tensor) else result
        train_op = get_default_graph().get_collection_ref(GraphKeys.TRAIN_OP)
        if node not in train_op:
            train_op.append(node)
        return node

    def _update(self, grad: Any, variable: Variable) -> Any:
        if isinstance(grad, IndexedSlices):
            if variable.constraint is not None:
                raise NotSupported(f"{variable.op.name} has a constraint and a sparse gradient",
                                   hint="a constraint works with dense gradients")
            return self._apply_sparse_duplicate_indices(grad, variable)
        update = self._apply_dense(grad, variable)
        if variable.constraint is None:
            return update
        with control_dependencies([update]):
            return variable.assign(variable.constraint(variable))

    def _check_dtypes(self, tensors: Sequence[Any]) -> None:
        for tensor in tensors:
            kind = tensor.dtype.base_dtype.name
            if kind not in _KINDS:
                raise InvalidValue(f"{tensor.name} is {kind}; an optimizer works with {', '.join(_KINDS)}")

    # -- what a subclass gives

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        """Makes the slots of these variables."""

    def _prepare(self) -> None:
        """Makes the tensors of the optimizer's settings."""

    def _apply_dense(self, grad: Tensor, var: Variable) -> Any:
        raise NotSupported(f"{type(self).__name__} has no dense update")

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        raise NotSupported(f"{type(self).__name__} has no sparse update")

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Variable) -> Any:
        """Adds up rows that are named twice, so that each row is updated once."""
        from . import shape, unique, unsorted_segment_sum

        rows, positions = unique(grad.indices)
        summed = unsorted_segment_sum(grad.values, positions, shape(rows)[0])
        return self._apply_sparse(IndexedSlices(summed, rows, grad.dense_shape), var)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        from . import group

        return group(*update_ops, name=name_scope)

    # -- the op of an update

    def _write(self, op_type: str, inputs: Sequence[Any], attrs: dict[str, Any] | None = None) -> Any:
        """The op ``op_type``; ``Resource…`` where the first input is a resource variable, which takes variables by
        their handles."""
        given = {"use_locking": self._use_locking, **(attrs or {})}
        if not hasattr(inputs[0], "handle"):
            return apply_op(op_type, None, inputs, given)
        arguments = zip(get_op(f"Resource{op_type}").inputs, inputs)
        by_handle = [x.handle if a.dtype is resource else x for a, x in arguments]
        return apply_op(f"Resource{op_type}", None, by_handle, given)

    # -- slots

    def get_slot(self, var: Any, name: str) -> Variable | None:
        """The slot of a variable, None if there is none of this name."""
        return self._slots.get(name, {}).get(var_key(var))

    def _slot_dict(self, slot_name: str) -> dict[tuple[Any, str], Variable]:
        """The slots of a name, by the graph and the name of their variable's op."""
        return self._slots.setdefault(slot_name, {})

    def get_slot_names(self) -> list[str]:
        return sorted(self._slots)

    def variables(self) -> list[Variable]:
        """The variables of the optimizer itself, by name."""
        graph = get_default_graph()
        own = [*self._non_slots.values(), *(v for slots in self._slots.values() for v in slots.values())]
        return sorted((v for v in own if v.graph is graph), key=lambda v: v.name)

    def _zeros_slot(self, var: Variable, slot_name: str, op_name: str) -> Variable:
        slots, key = self._slot_dict(slot_name), var_key(var)
        if key not in slots:
            slots[key] = create_zeros_slot(var, op_name)
        return slots[key]

    def _get_or_make_slot(self, var: Variable, val: Tensor, slot_name: str, op_name: str) -> Variable:
        slots, key = self._slot_dict(slot_name), var_key(var)
        if key not in slots:
            slots[key] = create_slot(var, val, op_name)
        return slots[key]

    def _get_or_make_slot_with_initializer(self, var: Variable, initializer: Any, shape: Any, dtype: Any,
                                           slot_name: str, op_name: str) -> Variable:
        slots, key = self._slot_dict(slot_name), var_key(var)
        if key not in slots:
            slots[key] = create_slot_with_initializer(var, initializer, shape, dtype, op_name)
        return slots[key]

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Variable) -> Variable:
        """A variable of the optimizer itself, on the device of another one; made once a graph."""
        found = self._non_slots.get(name)
        if found is None or found.graph is not colocate_with.graph:
            resourceful = hasattr(colocate_with, "handle")
            with beside(colocate_with.op):
                if self._own_scope is None:
                    found = Variable(initial_value, name=name, trainable=False, use_resource=resourceful)
                else:
                    with name_scope(""), variable_scope(self._own_scope):
                        found = get_variable(name, initializer=initial_value, trainable=False,
                                             use_resource=resourceful)
            self._non_slots[name] = found
        return found

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Variable | None:
        """A variable of the optimizer itself in a graph (in any, if None); None if it has not been made."""
        found = self._non_slots.get(name)
        return found if found is not None and (graph is None or found.graph is graph) else None

    def _call_if_callable(self, param: Any) -> Any:
        """What a function of no arguments returns, anything else as it is."""
        return param() if callable(param) else param

    def _variable_of(self, name: str) -> Variable:
        return self._non_slots[name]

    @staticmethod
    def _setting(value: Any, name: str) -> Tensor:
        """A setting as a tensor; a function of no arguments is called for it."""
        return convert_to_tensor(value() if callable(value) else value, name=name)


