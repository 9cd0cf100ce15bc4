"""Values that come in or pass through, and their shapes."""
from __future__ import annotations

from typing import Any

from ..errors import NoGradient, RunError
from ..graph.inference import same_shape, scalar_shape
from ..graph.opdef import no_gradient, op, undefined_gradient


@op
class Const:
    """A constant (tf.constant)."""

    signature = " -> output: dtype"
    attrs = "value: tensor; dtype: type"
    gradient = no_gradient

    def infer(n: Any) -> Any:
        return n.attrs["value"].shape

    def kernel(n: Any) -> Any:
        value = n.xp.asarray(n.attrs["value"])
        return lambda: value


@op
class Identity:
    """The same value under another name (tf.identity)."""

    signature = "input: T -> output: T"
    attrs = "T: type"
    infer = same_shape

    def kernel(n: Any) -> Any:
        return lambda x: x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class RefIdentity:
    """The same buffer of a variable under another name."""

    signature = "input: Ref(T) -> output: Ref(T)"
    attrs = "T: type"
    infer = same_shape

    def kernel(n: Any) -> Any:
        return lambda slot: slot

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class DebugGradientIdentity:
    """The same values; what looks for the gradient of a tensor finds it by this node (tfdbg's GradientsDebugger)."""

    signature = "input: T -> output: T"
    attrs = "T: type"
    infer = same_shape

    def kernel(n: Any) -> Any:
        return lambda x: x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class DebugGradientRefIdentity:
    """The same buffer of a variable; see DebugGradientIdentity."""

    signature = "input: Ref(T) -> output: Ref(T)"
    attrs = "T: type"
    infer = same_shape

    def kernel(n: Any) -> Any:
        return lambda slot: slot

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad]


@op
class IdentityN:
    """The same values (tf.identity_n)."""

    signature = "input: list(T) -> output: list(T)"
    attrs = "T: list(type) >= 1"

    def infer(n: Any, xs: Any) -> Any:
        return list(xs)

    def kernel(n: Any) -> Any:
        return lambda xs: xs if len(xs) > 1 else xs

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        return list(grads)


@op
class NoOp:
    """Nothing; it orders (tf.no_op)."""

    signature = " -> "
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda: None


@op
class StopGradient:
    """The same value, through which no gradient flows (tf.stop_gradient)."""

    signature = "input: T -> output: T"
    attrs = "T: type"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return lambda x: x


@op
class PreventGradient:
    """The same value; to ask for its gradient is an error."""

    signature = "input: T -> output: T"
    attrs = "T: type; message: string = ''"
    infer = same_shape

    def kernel(n: Any) -> Any:
        return lambda x: x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        raise NoGradient(f"{op.name} (PreventGradient) lets no gradient through: "
                           f"{op.attrs['message'] or 'no reason is given'}", op.span)


@op
class Shape:
    """The sizes of a tensor (tf.shape)."""

    signature = "input: T -> output: out_type"
    attrs = "T: type; out_type: {int32, int64} = int32"
    gradient = no_gradient

    def infer(n: Any, x: Any) -> Any:
        return (None if x is None else len(x),)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return lambda x: xp.asarray(x.shape, dtype)


@op
class ShapeN:
    """The sizes of several tensors (tf.shape_n)."""

    signature = "input: N*T -> output: N*out_type"
    attrs = "N: int >= 1; T: type; out_type: {int32, int64} = int32"
    gradient = no_gradient

    def infer(n: Any, xs: Any) -> Any:
        return [(None if x is None else len(x),) for x in xs]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return lambda xs: [xp.asarray(x.shape, dtype) for x in xs]


@op
class Size:
    """How many elements (tf.size)."""

    signature = "input: T -> output: out_type"
    attrs = "T: type; out_type: {int32, int64} = int32"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return lambda x: xp.asarray(x.size, dtype)


@op
class Rank:
    """How many axes (tf.rank)."""

    signature = "input: T -> output: int32"
    attrs = "T: type"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x: xp.asarray(x.ndim, xp.int32)


@op
class BroadcastGradientArgs:
    """The axes over which two broadcast gradients are summed."""

    signature = "s0: T, s1: T -> r0: T, r1: T"
    takes = "s0: [?]; s1: [?]"
    host_memory = "s0, s1"
    attrs = "T: {int32, int64} = int32"
    gradient = no_gradient

    def infer(n: Any, a: Any, b: Any) -> Any:
        return [(None,), (None,)]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def args(a: Any, b: Any) -> Any:
            a, b = a.tolist(), b.tolist()
            if a == b:
                none = xp.zeros(0, dtype)
                return none, none
            rank = max(len(a), len(b))
            a, b = [1] * (rank - len(a)) + a, [1] * (rank - len(b)) + b
            if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
                raise RunError(f"the shapes {a} and {b} do not broadcast")
            first = [i for i in range(rank) if a[i] == 1]
            second = [i for i in range(rank) if b[i] == 1]
            return xp.asarray(first, dtype), xp.asarray(second, dtype)

        return args


@op
class BroadcastArgs:
    """The shape of a broadcast of two shapes (tf.broadcast_dynamic_shape)."""

    signature = "s0: T, s1: T -> r0: T"
    takes = "s0: [?]; s1: [?]"
    host_memory = "s0, s1"
    attrs = "T: {int32, int64} = int32"
    gradient = undefined_gradient

    def infer(n: Any, a: Any, b: Any) -> Any:
        if a is None or b is None or a[0] is None or b[0] is None:
            return (None,)
        return (max(a[0], b[0]),)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def args(a: Any, b: Any) -> Any:
            # they are numbers: below 0 too
            long, short = sorted((a.tolist(), b.tolist()), key=len, reverse=True)
            pairs = list(zip(long, [1] * (len(long) - len(short)) + short))
            if any(x != y and 1 not in (x, y) for x, y in pairs):
                raise RunError(f"the shapes {a.tolist()} and {b.tolist()} do not broadcast")
            return xp.asarray([y if x == 1 else x for x, y in pairs], dtype)

        return args
