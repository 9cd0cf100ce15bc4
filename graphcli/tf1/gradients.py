"""tf.gradients and tf.hessians: symbolic derivatives as nodes of the graph."""
from __future__ import annotations

from typing import Any

from ..autodiff.sums import total
from ..autodiff.walker import Walk, default_grad_ys
from ..autodiff.zeros import zeros_of_variable
from ..errors import GraphError, InvalidType, InvalidValue, said
from ..graph.default import use_graph
from ..graph.graph import Graph, Tensor
from ..graph.types import resource
from ..graph.variables import Unconnected, store_of
from .conversion import convert_to_tensor, holds_tensor
from .flow_grad_state import loop_state
from .flow_nodes import resources_read
from .framework import get_default_graph, name_scope

EXPORTS = """
tf: gradients hessians AggregationMethod UnconnectedGradients
"""


class AggregationMethod:
    """How the gradients that arrive at one tensor are added (tf.AggregationMethod)."""

    ADD_N = 0
    DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


class UnconnectedGradients:
    """What the gradient of an unconnected x is: None or zeros (tf.UnconnectedGradients)."""

    NONE = "none"
    ZERO = "zero"


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _tensor(value: Any, name: str, as_ref: bool = False) -> Tensor:
    if hasattr(value, "components"):
        raise InvalidValue(f"a {value.kind} tensor has no gradient: {value}", hint="its values have")
    if hasattr(value, "indices") and hasattr(value, "dense_shape"):
        return value.values  # type: ignore[no-any-return]
    if as_ref and isinstance(value, (list, tuple)) and holds_tensor(value):
        raise InvalidType("gradients are those of tensors, and a list in the list of xs is none",
                          hint="write the tensors in one list")
    return convert_to_tensor(value, name=name, as_ref=as_ref)


def _asked_at(error: GraphError, asked: Any) -> GraphError:
    """An error of a gradient where it is asked for; whose gradient it is stands below."""
    if asked is not None and error.span is not None and error.span != asked:
        error.note("the gradient is that of this", error.span)
        error.span = asked
    return error


def gradients(ys: Any, xs: Any, grad_ys: Any = None, name: str = "gradients",
              colocate_gradients_with_ops: bool = False, gate_gradients: bool = False,
              aggregation_method: int | None = None, stop_gradients: Any = None,
              unconnected_gradients: str = "none") -> list[Any]:
    """The derivatives of the sum of ys with respect to each x, as tensors or IndexedSlices (tf.gradients).

    grad_ys: weights of ys, ones by default. stop_gradients: tensors taken as constants.
    unconnected_gradients: 'none' or 'zero', for an x that ys do not depend on.

    Raises NotSupported for an op without a gradient on the way, InvalidValue and InvalidType for
    arguments that do not fit.
    """
    from . import modules

    tf = modules["tf"]
    graph = get_default_graph()
    if unconnected_gradients not in ("none", "zero"):
        raise InvalidValue(f"unconnected_gradients is 'none' or 'zero', not {said(unconnected_gradients)}")
    if aggregation_method not in (None, 0, 1, 2):
        raise InvalidValue(f"aggregation_method is one of tf.AggregationMethod, not {said(aggregation_method)}")
    ys, xs = _list(ys), _list(xs)
    if not ys:
        with name_scope(name, "gradients"):
            pass
        return [tf.zeros_like(x) if unconnected_gradients == "zero" else None for x in xs]
    theirs = getattr(ys[0], "graph", graph)
    if theirs is not graph and isinstance(theirs, Graph):
        with use_graph(theirs):
            return gradients(ys, xs, grad_ys, name, colocate_gradients_with_ops, gate_gradients, aggregation_method,
                             stop_gradients, unconnected_gradients)
    weights = [None] * len(ys) if grad_ys is None else _list(grad_ys)
    stops = [_node(s) for s in _list([] if stop_gradients is None else stop_gradients)]
    asked, by = graph.scopes.span, graph.scopes.origin
    ys = resources_read(ys)
    with graph.scopes.made_by("gradients"), name_scope(name, "gradients"):
        targets = [_tensor(y, f"y_{i}") for i, y in enumerate(ys)]
        sources = [x.handle if hasattr(x, "handle") else _tensor(x, f"x_{i}", as_ref=True) for i, x in enumerate(xs)]
        for tensor in [*targets, *sources]:
            if tensor.op.graph is not graph:
                raise InvalidValue(f"{tensor.name} is not an element of this graph")
        begin = default_grad_ys(tf, targets, weights, colocate_gradients_with_ops)
        walk = Walk(tf, targets, sources, stops, colocate_gradients_with_ops, gate_gradients,
                    aggregation_method or 0, loop_state)
        try:
            found = walk.run(begin)
            for i, (x, grad) in enumerate(zip(sources, found)):
                if isinstance(grad, list):
                    found[i] = total(walk, x.op, [g for g in grad if g is not None])
        except GraphError as error:
            raise _asked_at(error, asked) from None
    if unconnected_gradients == "none" and by != "gradients":
        store_of(graph).unconnected += [Unconnected(tuple(targets), x, asked, by is not None)
                                        for x, grad in zip(sources, found) if grad is None]
    if unconnected_gradients == "zero":
        with graph.scopes.made_by("gradients"):
            for i, x in enumerate(sources):
                if found[i] is None:
                    found[i] = tf.zeros_like(x) if x.dtype is not resource else zeros_of_variable(tf, x, known=True)
    return found


def _node(value: Any) -> Any:
    op = getattr(value, "op", None)
    if op is None:
        raise InvalidType(f"stop_gradients holds tensors, not {said(value)}")
    return op


def hessians(ys: Any, xs: Any, name: str = "hessians", colocate_gradients_with_ops: bool = False,
             gate_gradients: bool = False, aggregation_method: int | None = None) -> list[Tensor]:
    """The second derivatives of the sum of ys for each x: shape ``x.shape + x.shape`` (tf.hessians)."""
    from . import TensorArray, concat, constant, reshape, size, while_loop
    from . import shape as shape_of

    options: dict[str, Any] = {"colocate_gradients_with_ops": colocate_gradients_with_ops,
                               "gate_gradients": gate_gradients, "aggregation_method": aggregation_method}
    xs = _list(xs)
    out = []
    with get_default_graph().scopes.made_by("gradients"):
        first = gradients(ys, xs, **options)
        for grad, x in zip(first, xs):
            if grad is None:
                raise InvalidValue(f"ys do not depend on {x.name}")
            flat = reshape(grad, [-1])
            count, zero = size(x), constant(0, "int32")
            rows = TensorArray(x.dtype.base_dtype, count)

            def row(j: Any, result: Any, flat: Any = flat, x: Any = x) -> Any:
                # without the options, as TensorFlow makes them
                return j + 1, result.write(j, gradients(flat[j], x)[0])

            _, hessian = while_loop(lambda j, _, count=count: j < count, row, [zero, rows])
            sizes = shape_of(x)
            out.append(reshape(hessian.stack(), concat((sizes, sizes), 0)))
    return out
