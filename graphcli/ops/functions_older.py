"""Calls of functions as TensorFlow 1 made them: gradients of Defuns, For, calls on other devices, maps of rows."""
from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ..errors import InvalidArgument, NotSupported
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ..graphdef.attrs import Func
from ._bodies import Body, _graph_of, _order

BLAS = True  # what is called may


class _Slopes(Body):
    """The gradients of a function's results for its arguments, called with these and with those of the results."""

    def __init__(self, n: Any, func: Func) -> None:
        self.name, self.context, self.kernels = func.name, n, None
        outer = n.node.graph
        definition = outer.functions.get(func.name)
        if definition is None:
            raise NotSupported(f"the gradient of {func.name!r}, which is no function of the graph, is not made here")
        # what differentiates stands above the ops
        tf = importlib.import_module("graphcli.tf1")
        self.graph, results, _ = _graph_of(outer, definition, func.attrs)
        xs = [self.graph.nodes[a.name].outputs[0] for a in definition.signature.input_arg]
        with self.graph.as_default():
            dys = [tf.placeholder(y.dtype.base_dtype, name="dy") for y in results]
            slopes = [(y, dy) for y, dy in zip(results, dys) if y.dtype.base_dtype.is_floating
                      or y.dtype.base_dtype.is_complex]
            found = tf.gradients([y for y, _ in slopes], xs, [dy for _, dy in slopes]) if slopes else [None] * len(xs)
            self.results = [tf.zeros_like(x) if g is None else tf.convert_to_tensor(g) for x, g in zip(xs, found)]
        self.arguments = [t.op.name for t in (*xs, *dys)]
        self.nodes = _order([t.op for t in self.results])


def _several(n: Any, *inputs: Any) -> Any:
    return [None] * len(n.node.outputs)


@op
class SymbolicGradient:
    """The gradients of a function for its arguments, of these and of the gradients of what it gives."""

    signature = "input: list(Tin) -> output: list(Tout)"
    attrs = "Tin: list(type) >= 1; Tout: list(type) >= 1; f: func"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, inputs: Any) -> Any:
        many = len(n.node.outputs)
        if len(inputs) < many:
            n.fail("len(inputs) < len(outputs)")
        return list(inputs[:many])

    def kernel(n: Any) -> Any:
        func = n.attrs["f"]
        own = n.node.graph.function_gradients.get(func.name)
        body = Body(n, Func(own, func.attrs)) if own else _Slopes(n, func)
        return lambda inputs: body(inputs)


@op
class RemoteCall:
    """What a function gives; it runs here, whatever device is told."""

    signature = "target: string, args: list(Tin) -> output: list(Tout)"
    attrs = "Tin: list(type) >= 1; Tout: list(type) >= 1; f: func"
    stateful = True
    infer, gradient = _several, undefined_gradient

    def kernel(n: Any) -> Any:
        body = Body(n, n.attrs["f"])
        return lambda target, args: body(args)


@op
class For:
    """Values that a function of a number and of them changes, for the numbers from start up to, without, limit."""

    signature = "start: int32, limit: int32, delta: int32, input: list(T) -> output: list(T)"
    attrs = "T: list(type) >= 0; body: func"
    stateful = True
    takes = "start: [] built; limit: [] built; delta: [] built"
    infer, gradient = _several, undefined_gradient

    def kernel(n: Any) -> Any:
        body = Body(n, n.attrs["body"])

        def run(start: Any, limit: Any, delta: Any, values: Any) -> Any:
            for what, given in (("start", start), ("limit", limit), ("delta", delta)):
                if np.ndim(given):
                    raise InvalidArgument(f"{what} must be a scalar")
            at, end, step = int(start), int(limit), int(delta)
            if step > 0 and at > end or step < 0 and at < end or not step and at != end:
                raise InvalidArgument(f"Invalid start/limit/delta: {at} {end} {step}")
            values = list(values)
            for number in range(at, end, step) if step else ():
                found = body([np.asarray(number, np.int32), *values])
                if len(found) != len(values):
                    raise InvalidArgument(f"For loop body returned {len(found)} arguments. Expected: {len(values)}")
                values = found
            return values

        return run


@op
class MapDefun:
    """What a function gives of the rows of some tensors, one row of each at a time, and of others whole."""

    signature = "arguments: list(Targuments), captured_inputs: list(Tcaptured) -> output: list(output_types)"
    attrs = ("Targuments: list(type) >= 1; Tcaptured: list(type) >= 0 = []; output_types: list(type) >= 1; "
             "output_shapes: list(shape) >= 1; f: func; max_intra_op_parallelism: int = 1")
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, arguments: Any, captured: Any) -> Any:
        rows = None
        for shape in arguments:
            n.at_least_rank(shape, 1, "an argument")
            rows = n.merge((rows,), shape[:1], "numbers of rows")[0] if shape is not None else rows
        shapes = n.attrs["output_shapes"]
        if len(shapes) != len(n.node.outputs):
            n.fail("`output_shapes` must be the same length as `output_types`")
        return [None if s is None else (rows, *s) for s in shapes]

    def kernel(n: Any) -> Any:
        body, shapes = Body(n, n.attrs["f"]), n.attrs["output_shapes"]
        dtypes = [d.as_numpy_dtype for d in n.attrs["output_types"]]

        def run(arguments: Any, captured: Any) -> Any:
            if any(not np.ndim(a) for a in arguments):
                raise InvalidArgument("All inputs must have rank at least 1. Input 0 has a rank of 0")
            rows = len(arguments[0])
            if any(len(a) != rows for a in arguments):
                raise InvalidArgument("All inputs must have the same dimension 0.")
            made = [body([*(np.asarray(a[i]) for a in arguments), *captured]) for i in range(rows)]
            out = []
            for i, (shape, dtype) in enumerate(zip(shapes, dtypes)):
                if not made and (shape is None or None in shape):
                    raise InvalidArgument(f"there are no rows, and the shape of output {i} is not told")
                found = np.shape(made[0][i]) if made else shape
                wrong = next((row for row in made if np.shape(row[i]) != found), None)
                if wrong is not None:
                    raise InvalidArgument(f"Mismatch in function retval {i} shape inside MapDefun op: a row has the "
                                          f"shape {show(np.shape(wrong[i]))}, the first {show(found)}")
                whole = np.empty((rows, *found), dtype)
                for row, value in enumerate(made):
                    whole[row] = value[i]
                out.append(whole)
            return out

        return run
