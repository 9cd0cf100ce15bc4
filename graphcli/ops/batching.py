"""Batches of what several steps bring (tf.contrib.batching). Here each step is a batch of its own, filled up with its
first row to a size that is allowed."""
from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._bodies import Body

CPU_ONLY = True
BLAS = True  # what is called may
_ATTRS = ("num_batch_threads: int; max_batch_size: int; batch_timeout_micros: int; max_enqueued_batches: int = 10; "
          "allowed_batch_sizes: list(int) = []; container: string = ''; shared_name: string = ''; "
          "batching_queue: string = ''")


def _filled(n: Any, tensors: Any) -> tuple[list[Any], int]:
    """(the tensors with as many rows as are allowed, how many they had)."""
    if any(not np.ndim(x) for x in tensors):
        raise InvalidArgument("Batching input tensors must have at least one dimension")
    sizes = {len(x) for x in tensors}
    if len(sizes) != 1:
        raise InvalidArgument("Batching input tensors supplied in a given op invocation must have equal 0th-dimension "
                              "size")
    many, most = sizes.pop(), n.attrs["max_batch_size"]
    if many > most:
        raise InvalidArgument(f"Task size {many} is larger than maximum batch size {most}")
    wanted = next((size for size in n.attrs["allowed_batch_sizes"] if size >= many), many)
    if wanted == many or not many:
        return list(tensors), many
    return [np.concatenate([x, np.repeat(x[:1], wanted - many, 0)]) for x in tensors], many


@op
class Batch:
    """Tensors side by side, which rows are those of this step, and the number of the batch."""

    signature = "in_tensors: list(T) -> batched_tensors: list(T), batch_index: int64, id: int64"
    attrs = f"{_ATTRS}; grad_timeout_micros: int; T: list(type) >= 1"

    def infer(n: Any, tensors: Any) -> Any:
        kept = [None if n.at_least_rank(x, 1, "a tensor") is None else (None, *x[1:]) for x in tensors]
        return [*kept, (None, 3), ()]

    def kernel(n: Any) -> Any:
        numbers = n.state.resource("Batches", lambda: count(1))

        def batch(tensors: Any) -> Any:
            filled, many = _filled(n, tensors)
            number = next(numbers)
            return [*filled, np.array([[number, 0, many]], np.int64), np.asarray(number, np.int64)]

        return batch

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        wait = op.attrs["grad_timeout_micros"]
        return [tf.apply_op("Unbatch", None, [grad, op.outputs[-2], op.outputs[-1]], {
            "timeout_micros": wait, "shared_name": f"batch_gradient_{op.name}_{i}"})
                for i, grad in enumerate(grads[:len(op.inputs)])]


@op
class Unbatch:
    """The rows of this step in a batch."""

    signature = "batched_tensor: T, batch_index: int64, id: int64 -> unbatched_tensor: T"
    attrs = "timeout_micros: int; container: string = ''; shared_name: string = ''; T: type"

    def infer(n: Any, batched: Any, index: Any, number: Any) -> Any:
        return None if n.at_least_rank(batched, 1, "batched_tensor") is None else (None, *batched[1:])

    def kernel(n: Any) -> Any:
        def unbatch(batched: Any, index: Any, number: Any) -> Any:
            for each, start, end in index.reshape(-1, 3).tolist():
                if each == number:
                    if not 0 <= start <= end <= len(batched):
                        raise InvalidArgument(f"a batch of {len(batched)} rows has none from {start} to {end}")
                    return batched[start:end]
            raise InvalidArgument(f"batch {number} is not among those of {index.tolist()}")

        return unbatch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        back = tf.apply_op("UnbatchGrad", None, [op.inputs[0], op.inputs[1], grad, op.inputs[2]], {
            "shared_name": f"unbatch_gradient_{op.name}"})
        return [back, None, None]


@op
class UnbatchGrad:
    """The gradients of the rows of a batch."""

    signature = "original_input: T, batch_index: int64, grad: T, id: int64 -> batched_grad: T"
    attrs = "container: string = ''; shared_name: string = ''; T: type"
    gradient = undefined_gradient

    def infer(n: Any, batched: Any, index: Any, grad: Any, number: Any) -> Any:
        return None if grad is None else (None,) * len(grad)

    def kernel(n: Any) -> Any:
        def back(batched: Any, index: Any, grad: Any, number: Any) -> Any:
            return grad if index.size else np.zeros((0, *batched.shape[1:]), batched.dtype)

        return back


@op
class BatchFunction:
    """What a function gives of a batch (tf.nondifferentiable_batch_function)."""

    signature = "in_tensors: list(Tin), captured_tensors: list(Tcaptured) -> out_tensors: list(Tout)"
    attrs = f"f: func; {_ATTRS}; Tin: list(type) >= 1; Tcaptured: list(type) >= 0; Tout: list(type) >= 1"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, tensors: Any, captured: Any) -> Any:
        return [None] * len(n.attrs["Tout"])

    def kernel(n: Any) -> Any:
        body = Body(n, n.attrs["f"])

        def run(tensors: Any, captured: Any) -> Any:
            filled, many = _filled(n, tensors)
            found = body([*filled, *captured])
            size = len(filled[0])
            for x in found:
                if not np.ndim(x) or len(x) != size:
                    raise InvalidArgument(f"Batched output tensor's 0th dimension does not equal the sum of the 0th "
                                          f"dimension sizes of the input tensors: {np.shape(x)}, and {size} rows")
            return [x[:many] for x in found]

        return run
