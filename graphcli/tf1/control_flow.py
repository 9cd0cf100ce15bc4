"""cond and while_loop in TensorFlow's v1 dataflow form."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.collections import GraphKeys
from ..graph.graph import Tensor
from ..graph.shapes import TensorShape, as_shape
from . import flow_functions as calls
from . import nesting as nest
from .conversion import constant, convert_to_tensor, is_sparse_like
from .flow_context import CondContext
from .flow_functions import in_function
from .flow_loop import WhileContext
from .flow_nodes import identity, merge, resources_read, switch
from .framework import add_to_collection, apply_op, get_default_graph, name_scope
from .tensor_array import TensorArray, from_flow, to_flow

EXPORTS = """
tf: cond while_loop
"""


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, strict: bool = False, name: str | None = None,
         fn1: Any = None, fn2: Any = None) -> Any:
    """``true_fn()`` if ``pred`` holds in the step, else ``false_fn()`` (tf.cond).

    pred: a bool tensor of rank 0. Both functions return the same nesting of values of the same dtypes.
    A list or tuple of one is returned as the one, unless ``strict``. What is made outside of the
    functions runs in any case.

    Raises InvalidType where a function is none or ``pred`` a Python bool, InvalidValue where the
    branches differ.
    """
    true_fn, false_fn = fn1 or true_fn, fn2 or false_fn
    for value, word in ((true_fn, "true_fn"), (false_fn, "false_fn")):
        if not callable(value):
            raise InvalidType(f"cond() needs a function {word}, not {said(value)}",
                              hint=f"without quotes: {value}" if isinstance(value, str) else
                              "lambda: ... makes a function of it")
    if in_function(get_default_graph()):
        return calls.cond(pred, true_fn, false_fn, strict, name)
    with name_scope(name, "cond", [pred]):
        if isinstance(pred, bool):
            raise InvalidType("the predicate of cond() must be a tensor, not a Python bool",
                              hint="tf.constant(True) is a tensor")
        if_false, if_true = switch(pred, pred)
        pivots = identity(if_true, "switch_t"), identity(if_false, "switch_f")
        pred = apply_op("Identity", "pred_id", [pred])
        built = []
        contexts = []
        for function, pivot, branch, word in ((true_fn, pivots[0], 1, "true_fn"), (false_fn, pivots[1], 0, "false_fn")):
            context = CondContext(pred, pivot, branch)
            contexts.append(context)
            with context.entered():
                original = function()
                if original is None:
                    raise InvalidValue(f"{word} of cond() must return a value")
                original = resources_read(original)
                result = [context.result(to_flow(v)) for v in nest.flatten(original, True)]
                context.leave_result(result)
                # as TensorFlow does, which packs them here: a sparse tensor takes a name
                nest.pack(original, result, True)
            built.append((original, result))
        (original, when_true), (other, when_false) = built
        if not strict:
            original, other = _unpack(original), _unpack(other)
        nest.assert_same(original, other, "what true_fn and false_fn return")
        if not when_true:
            raise InvalidValue("true_fn and false_fn of cond() must return at least one value")
        for x, y in zip(when_true, when_false):
            if x.dtype.base_dtype is not y.dtype.base_dtype:
                raise InvalidValue(f"true_fn returns {x.dtype.base_dtype.name} where false_fn returns "
                                   f"{y.dtype.base_dtype.name}")
        merges = [merge(pair)[0] for pair in zip(when_false, when_true)]
        values = [from_flow(o, m) for o, m in zip(nest.flatten(original, True), merges)]
        if contexts[0].outer is None:
            for context in contexts:
                add_to_collection(GraphKeys.COND_CONTEXT, context)
        packed = nest.pack(original, values, True)
        return packed if strict else _unpack(packed)


def _unpack(value: Any) -> Any:
    return value[0] if isinstance(value, (list, tuple)) and len(value) == 1 else value


# -- while_loop

def while_loop(cond: Any, body: Any, loop_vars: Any, shape_invariants: Any = None, parallel_iterations: int = 10,
               back_prop: bool = True, swap_memory: bool = False, name: str | None = None,
               maximum_iterations: Any = None, return_same_structure: bool = False) -> Any:
    """Repeats ``body(*loop_vars)`` while ``cond(*loop_vars)`` holds (tf.while_loop).

    loop_vars: a nesting of tensors, numbers and TensorArrays. shape_invariants: the shapes that hold in
    every iteration, where they are less than those at the start. Returns the last values, in the
    nesting of ``loop_vars``; a single one as itself.

    Raises InvalidType for what is no function, InvalidValue where the body's values do not match.
    """
    for value, word in ((cond, "cond"), (body, "body")):
        if not callable(value):
            raise InvalidType(f"while_loop() needs a function {word}, not {said(value)}",
                              hint=f"without quotes: {value}" if isinstance(value, str) else None)
    if parallel_iterations < 1:
        raise InvalidType("parallel_iterations must be a positive whole number")
    if in_function(get_default_graph()) and loop_vars:
        starts = [v.flow if isinstance(v, TensorArray) else convert_to_tensor(v) for v in nest.flatten(loop_vars, True)]
        shapes = _own_shapes(loop_vars, starts) if shape_invariants is None else _invariants(
            shape_invariants, loop_vars, starts)
        loop_vars = nest.pack(loop_vars, [o if isinstance(o, TensorArray) else t for o, t in zip(
            nest.flatten(loop_vars, True), starts)], True)
        result = calls.while_loop(cond, body, loop_vars, shapes, parallel_iterations, maximum_iterations, name)
        alone = isinstance(result, (list, tuple)) and len(nest.flatten(result)) == 1 and not return_same_structure
        return result[0] if alone else result
    loop_vars = resources_read(loop_vars)
    with name_scope(name, "while"):
        if not loop_vars:
            raise InvalidValue("while_loop() needs at least one loop variable")
        if maximum_iterations is not None:
            limit = convert_to_tensor(maximum_iterations, name="maximum_iterations")
            if limit.static not in (None, ()):
                raise InvalidValue(f"maximum_iterations must be a scalar, not {limit.shape}")
            counter = constant(0, dtype=limit.dtype, name="iteration_counter")
            inner_cond, inner_body = cond, body
            alone = len(loop_vars) == 1 and not return_same_structure
            loop_vars = (counter, loop_vars[0] if alone else loop_vars)
            spread = (lambda v: (v,)) if alone else (lambda v: v)
            from . import logical_and

            def cond(i: Any, v: Any) -> Any:
                return logical_and(i < limit, inner_cond(*spread(v)))

            def body(i: Any, v: Any) -> Any:
                return i + 1, inner_body(*spread(v))

            if shape_invariants is not None:
                shape_invariants = (TensorShape([]), shape_invariants)
        else:
            limit = None
        context = WhileContext(limit, parallel_iterations, back_prop, swap_memory)
        if context.outer is None:
            add_to_collection(GraphKeys.WHILE_CONTEXT, context)
        result = _build(context, cond, body, loop_vars, shape_invariants, return_same_structure)
        return result if limit is None else result[1]


def _build(context: WhileContext, cond: Any, body: Any, loop_vars: Any, shape_invariants: Any,
           return_same_structure: bool) -> Any:
    originals = nest.flatten(loop_vars, True)
    flat = [to_flow(v) if isinstance(v, TensorArray) else convert_to_tensor(v) for v in originals]
    if shape_invariants is None:
        invariants = _own_shapes(loop_vars, flat)
    else:
        invariants = _invariants(shape_invariants, loop_vars, flat)

    def unpacked(tensors: list[Tensor]) -> Any:
        return nest.pack(loop_vars, [from_flow(o, t) for o, t in zip(originals, tensors)], True)

    def test(tensors: list[Tensor]) -> Any:
        return cond(*unpacked(tensors))

    def repeat(tensors: list[Tensor]) -> tuple[Any, list[Any]]:
        inside = unpacked(tensors)
        given = resources_read(body(*inside))
        if not nest.is_nested(given):
            given = [given]
        _same(list(inside), list(given))
        values = [to_flow(v) for v in nest.flatten(given, True)]
        return given, [v if isinstance(v, Tensor) else convert_to_tensor(v) for v in values]

    with context.entered():
        original, exits = context.build(test, repeat, flat, invariants)
    results = [from_flow(o, e) for o, e in zip(nest.flatten(original, True), exits)]
    packed = nest.pack(original, results, True)
    return packed if return_same_structure or len(nest.flatten(original)) != 1 else packed[0]


def _own_shapes(loop_vars: Any, flat: list[Tensor]) -> list[Any]:
    """The shapes that hold in every iteration: those at the start; how many elements a sparse tensor has may change."""
    rest, out = iter(flat), []
    for value in nest.flatten(loop_vars):
        if is_sparse_like(value):
            out += _sparse_shapes([next(rest).static for _ in value.components][-1])
        elif hasattr(value, "components"):
            out += value.loop_shapes(value.shape)
            for _ in value.components:
                next(rest)
        else:
            out += [next(rest).static for _ in nest.flatten(value, True)]
    return out


def _sparse_shapes(sizes: Any) -> list[Any]:
    """Of the components of a sparse tensor whose dense shape has this one."""
    rank = None if sizes is None else sizes[0]
    return [(None, rank), (None,), (rank,)]


def _same(inside: list[Any], given: list[Any]) -> None:
    try:
        nest.assert_same(inside, given, "the loop variables and what the body returns")
    except InvalidValue:
        if len(inside) == len(given):
            raise
        raise InvalidValue(f"the body of a while_loop must return as many values as it has loop variables: "
                           f"{len(given)} are returned, there are {len(inside)}") from None


def _invariants(given: Any, loop_vars: Any, flat: list[Tensor]) -> list[Any]:
    """One static shape for each loop variable; a shape may be a TensorShape, a list or None."""
    def walk(at: Any, like: Any) -> list[Any]:
        if nest.is_nested(like) and not isinstance(at, TensorShape):
            if not nest.is_nested(at) or len(at) != len(like):
                raise InvalidValue("shape_invariants must have one shape for each loop variable")
            if type(at) is not type(like):
                raise InvalidType("shape_invariants are nested as the loop variables are: "
                                  f"a {type(at).__name__} stands where these have a {type(like).__name__}")
            return [s for a, b in zip(_members(at), _members(like)) for s in walk(a, b)]
        return [at]

    found = walk(given, loop_vars)
    rest = iter(flat)
    out: list[Any] = []
    for shape, value in zip(found, nest.flatten(loop_vars)):
        tensor = next(rest)
        if is_sparse_like(value):
            out += _sparse_shapes(None if shape is None else TensorShape(shape).with_rank(1).tuple)
            next(rest), next(rest)
            continue
        if hasattr(value, "components"):
            out += value.loop_shapes(TensorShape(shape))
            for _ in value.components[1:]:
                next(rest)
            continue
        if hasattr(value, "parts"):
            values = TensorShape(shape)
            out += [values.tuple, values[:1].tuple, (values.rank,)][:len(value.parts)]
            for _ in value.parts[1:]:
                next(rest)
            continue
        if shape is not None and not isinstance(shape, TensorShape):
            raise InvalidType(f"a shape invariant is a TensorShape, not {said(shape)}",
                              hint="tf.TensorShape([None, 2])")
        out.append(tensor.static if shape is None else as_shape(shape))
    return out


def _members(value: Any) -> list[Any]:
    return [value[k] for k in sorted(value)] if isinstance(value, dict) else list(value)
