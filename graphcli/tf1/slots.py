"""Slots: variables beside a variable that an optimizer or an average keeps (``w/Adam``)."""
from __future__ import annotations

from typing import Any

from ..graph.shapes import TensorShape
from .framework import colocate_with
from .get_variable import get_variable
from .variable_lists import is_variable_initialized
from .variable_scope import get_variable_scope, variable_scope
from .variables import Variable


def create_slot(primary: Any, value: Any, name: str, colocate: bool = True) -> Variable:
    """A slot that begins with the tensor ``value``."""
    return _make(primary, value, None, None, name, value.get_shape().is_fully_defined(), colocate)


def create_slot_with_initializer(primary: Any, initializer: Any, shape: Any, dtype: Any, name: str,
                                 colocate: bool = True) -> Variable:
    """A slot that begins with what an initializer makes."""
    shape = TensorShape(shape)
    return _make(primary, initializer, shape if callable(initializer) else None, dtype, name,
                 shape.is_fully_defined(), colocate)


def create_zeros_slot(primary: Any, name: str, colocate: bool = True) -> Variable:
    """A slot of zeros in the shape and dtype of a variable or tensor."""
    from . import cond, zeros
    from . import shape as shape_of
    from .initializers import Zeros

    kind = primary.dtype.base_dtype
    if primary.get_shape().is_fully_defined():
        return create_slot_with_initializer(primary, Zeros(), primary.get_shape(), kind, name, colocate)
    source = primary
    if isinstance(primary, Variable):
        source = cond(is_variable_initialized(primary), primary.read_value, lambda: primary.initial_value)
    return create_slot(primary, zeros(shape_of(source), dtype=kind), name, colocate)


def _make(primary: Any, initial: Any, shape: Any, dtype: Any, name: str, validate_shape: bool,
          colocate: bool) -> Variable:
    # a slot is of the kind of its variable; beside a tensor, of the kind that is usual
    resource = hasattr(primary, "handle") if isinstance(primary, Variable) else None
    with variable_scope(None, f"{primary.op.name}/{name}"):
        if not colocate:
            made = _variable(initial, shape, dtype, validate_shape, resource)
        else:
            with colocate_with(primary.op):
                made = _variable(initial, shape, dtype, validate_shape, resource)
    info = primary._save_slice_info if isinstance(primary, Variable) else None
    if info is not None and made.static != ():
        rank = len(info.full_shape) if made.static is None else len(made.static)
        made._set_save_slice_info(info.below(made.op.name[len(primary.op.name) + 1:], rank))
    return made


def _variable(initial: Any, shape: Any, dtype: Any, validate_shape: bool, use_resource: bool | None) -> Variable:
    # an empty name takes that of the scope itself
    scope = get_variable_scope()
    # the slot of a part is a part, and not cut again
    partitioner, scope.partitioner = scope.partitioner, None
    made: Variable = get_variable("", shape=shape, dtype=dtype, initializer=initial, trainable=False,
                                  validate_shape=validate_shape, use_resource=use_resource)
    scope.partitioner = partitioner
    return made
