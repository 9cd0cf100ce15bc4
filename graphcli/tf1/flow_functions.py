"""Conditions and loops as calls of functions: in the body of a function, and for ``tf.switch_case``."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.default import use_graph
from ..graph.function_graph import FunctionGraph
from ..graph.graph import Tensor
from ..graph.types import int32
from . import nesting as nest
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, get_default_graph, name_scope
from .tensor_array import from_flow
from .traced import Traced, body_of, finished

EXPORTS = """
tf: switch_case
"""


def _agreed(graphs: Sequence[FunctionGraph], given: int) -> list[Tensor]:
    """All that some functions capture, which each of them takes after so many arguments of its own."""
    wanted = list(dict.fromkeys(t for graph in graphs for t in graph.captures))
    for graph in graphs:
        with use_graph(graph):
            graph.arguments[given:] = [graph.captured(t) for t in wanted]
    return wanted


def _branches(scope: str, words: Sequence[str], functions: Sequence[Callable[[], Any]]) -> list[Traced]:
    """The functions, all with the same arguments. Raises InvalidType where they return other nestings or dtypes."""
    bodies = [body_of(f"{scope}_{word}", function, [], []) for word, function in zip(words, functions)]
    wanted = _agreed([graph for graph, _, _ in bodies], 0)
    made: list[Traced] = []
    for (graph, returned, leaves), word in zip(bodies, words):
        nest.assert_same(bodies[0][1], returned, "what the branches return")
        for a, b in zip(bodies[0][2], leaves):
            if a.dtype.base_dtype is not b.dtype.base_dtype:
                raise InvalidType(f"the branches return {a.dtype.base_dtype.name} and {b.dtype.base_dtype.name} at one "
                                  "place")
        made.append(finished(f"{scope}_{word}", graph, returned, leaves))
        made[-1].captured = wanted
    return made


def _call(op_type: str, scope: str, inputs: Sequence[Any], attrs: dict[str, Any]) -> list[Tensor]:
    """The results of a node that calls functions."""
    with get_default_graph().scopes.with_attrs({"_lower_using_switch_merge": True, "_read_only_resource_inputs": []}):
        made = apply_op(op_type, scope, inputs, attrs)
    return list(made) if isinstance(made, (list, tuple)) else [made]


def _common(branches: Sequence[Traced]) -> list[Any]:
    """For each result the shape that all branches give it."""
    out = []
    for results in zip(*(b.results for b in branches)):
        shapes = {t.static for t in results}
        first = results[0].static
        if len(shapes) == 1:
            out.append(first)
        elif None in shapes or len({len(s) for s in shapes if s is not None}) > 1:
            out.append(None)
        else:
            out.append(tuple(sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes)))
    return out


def _values(flat: Sequence[Tensor], like: Any, scope: str) -> Any:
    """The results of a call, each through an Identity, in the nesting of what a function returned."""
    with name_scope(scope):
        named = [apply_op("Identity", None, [t]) for t in flat]
    return nest.pack(like, [from_flow(o, t) for o, t in zip(nest.flatten(like, True), named)], True)


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], strict: bool, name: str | None) -> Any:
    """``tf.cond`` as an If node."""
    with name_scope(name, "cond") as scope:
        pred = convert_to_tensor(pred, name="pred")
        word = scope.rstrip("/").replace("/", "_")
        branches = _branches(word, ("true", "false"), (true_fn, false_fn))
        made = _call("If" if any(b.stateful for b in branches) else "StatelessIf", scope,
                        [pred, list(branches[0].captured)],
                        {"Tout": [t.dtype.base_dtype for t in branches[0].results], "then_branch": branches[0].func,
                         "else_branch": branches[1].func, "output_shapes": _common(branches)})
        values = _values(made, branches[0].structure, scope)
    single = not strict and isinstance(values, (list, tuple)) and len(values) == 1
    return values[0] if single else values


def while_loop(cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, shapes: Sequence[Any],
               parallel_iterations: int, limit: Any, name: str | None) -> Any:
    """``tf.while_loop`` as a While node: a counter and its limit go before the loop's own values."""
    originals = nest.flatten(loop_vars, True)
    with name_scope(name, "while") as scope:
        most = convert_to_tensor(-1 if limit is None else limit, int32, "maximum_iterations")
        flat = [constant(0, name="loop_counter"), most,
                *(convert_to_tensor(getattr(v, "flow", v)) for v in originals)]
        statics = [(), (), *shapes]
        dtypes = [t.dtype.base_dtype for t in flat]
        word = scope.rstrip("/").replace("/", "_")

        def unpacked(values: Sequence[Tensor]) -> Any:
            return nest.pack(loop_vars, [from_flow(o, t) for o, t in zip(originals, values)], True)

        def test(counter: Tensor, most: Tensor, *values: Tensor) -> Any:
            holds = cond(*unpacked(values))
            if limit is None:
                return holds
            from . import logical_and

            return logical_and(counter < most, holds)

        def repeat(counter: Tensor, most: Tensor, *values: Tensor) -> Any:
            given = body(*unpacked(values))
            given = given if nest.is_nested(given) else [given]
            if len(nest.flatten(given, True)) != len(values):
                raise InvalidValue(f"the body of a while_loop must return as many values as it has loop variables: "
                                   f"{len(nest.flatten(given, True))} are returned, there are {len(values)}")
            return [counter + 1, most, *nest.flatten(given, True)]

        bodies = [body_of(f"{word}_{w}", f, dtypes, statics) for w, f in (("cond", test), ("body", repeat))]
        wanted = _agreed([graph for graph, _, _ in bodies], len(flat))
        (test_graph, tested, holds), (body_graph, repeated, following) = bodies
        kept = body_graph.arguments[len(flat):]
        made = [finished(f"{word}_cond", test_graph, tested, holds),
                finished(f"{word}_body", body_graph, repeated, [*following, *kept])]
        every = [*flat, *wanted]
        kind = "While" if any(m.stateful for m in made) else "StatelessWhile"
        node = _call(kind, scope, [every], {
            "cond": made[0].func, "body": made[1].func, "parallel_iterations": parallel_iterations,
            "output_shapes": [*statics, *(t.static for t in wanted)]})
        results = node[2:2 + len(originals)]
        return nest.pack(loop_vars, [from_flow(o, t) for o, t in zip(originals, results)], True)


def in_function(graph: Any) -> bool:
    """Whether conditions and loops made now are calls of functions."""
    return isinstance(graph, FunctionGraph)


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case") -> Any:
    """The value of the function whose number ``branch_index`` is, else of ``default`` or the last (tf.switch_case).

    branch_fns: a list of functions, or of (number, function) pairs, or a mapping; the numbers are 0 and on. Raises
    InvalidType and InvalidValue for others, and where the functions return other nestings or dtypes.
    """
    actions = _actions(branch_fns, default, branch_index)
    with name_scope(name, "switch_case", [branch_index]), name_scope("indexed_case") as scope:
        word = scope.rstrip("/").replace("/", "_")
        branches = _branches(word, [f"branch{i}" for i in range(len(actions))], actions)
        made = _call("Case" if any(b.stateful for b in branches) else "StatelessCase", scope,
                        [branch_index, list(branches[0].captured)],
                        {"Tout": [t.dtype.base_dtype for t in branches[0].results],
                         "branches": [b.func for b in branches], "output_shapes": _common(branches)})
        values = _values(made, branches[0].structure, scope)
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _actions(given: Any, default: Any, index: Any) -> list[Callable[[], Any]]:
    if not is_tensor(index):
        raise InvalidType(f"'branch_index' must be a Tensor, got {type(index)}")
    if index.dtype.base_dtype.kind not in "iu":
        raise InvalidType(f"'branch_index' must be an integer Tensor, got {index.dtype!r}")
    if not given:
        raise InvalidValue("Must provide at least one item in 'branch_fns'")
    if not isinstance(given, (list, tuple, dict)):
        raise InvalidType("'branch_fns' must be a list, tuple, or dict")
    pairs = list(given.items()) if isinstance(given, dict) else list(given)
    if all(callable(f) for f in pairs):
        pairs = list(enumerate(pairs))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InvalidType(f"Each entry in 'branch_fns' must be a 2-tuple. Received {pair}.")
        if not isinstance(pair[0], int):
            raise InvalidType(f"key must be a Python `int`, got {type(pair[0])}")
        if not callable(pair[1]):
            raise InvalidType(f"fn for key {pair[0]} must be callable.")
    numbers = sorted(n for n, _ in pairs)
    if numbers != list(range(len(pairs))):
        raise InvalidValue(f"branch indices (keys) must form contiguous range of [0 to {len(pairs)}) but found "
                           f"{{{','.join(map(str, numbers))}}}")
    return [f for _, f in sorted(pairs, key=lambda p: p[0])] + ([] if default is None else [default])
