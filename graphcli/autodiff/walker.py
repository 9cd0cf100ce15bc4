"""Reverse-mode differentiation, graph to graph: the walk keeps the books, the ops' own formulas do the mathematics.

The walk follows TensorFlow's ``gradients``: count for each node between xs and ys how many of its
outputs' users will send a gradient, go backwards from ys, add up what arrives, call the op's
``gradient``, hand the results on to its inputs. ``tf`` is the vocabulary that makes nodes, given by
the caller, because it lies above this layer.
"""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.flow import ENTER, EXIT, MERGE, NEXT, SWITCH
from ..graph.graph import Node, Tensor
from ..graph.opdef import flows, undefined_gradient
from ..graph.shapes import compatible, merge, show
from ..graph.types import DType, resource, variant
from .late import late
from .own import formula as own_formula
from .sums import is_slices, total
from .zeros import zeros_outside

SPARSE = SWITCH | MERGE | ENTER | EXIT | NEXT | {
    "Identity", "RefIdentity", "ConcatV2", "Concat", "AddN", "Add", "AddV2", "Sub", "Print", "PlaceholderWithDefault",
    "IdentityN", "EnsureShape", "ReadVariableOp", "BiasAdd", "BiasAddV1", "Neg", "Tile"}
"""Ops whose formulas take a gradient that is IndexedSlices as it is; for others it is made dense where it is used."""
DENSE = frozenset({"Reshape", "ExpandDims", "Squeeze", "ExtractImagePatches"})
"""Ops whose formulas have it made dense before."""


def is_loop_switch(node: Node) -> bool:
    flow = node.flow
    return node.type in SWITCH and flow is not None and getattr(flow, "is_while", False)


def is_exit(node: Node) -> bool:
    return node.type in EXIT


class Walk:
    """One call of gradients.

    ys, xs: tensors; grad_ys: a gradient per y. stop: nodes that nothing goes through.
    loops: makes the state of the while loops between xs and ys (None without loops).
    """

    def __init__(self, tf: Any, ys: Sequence[Tensor], xs: Sequence[Tensor], stop: Sequence[Node] = (),
                 colocate: bool = False, gate: bool = False, method: int = 0,
                 loops: Callable[..., Any] | None = None) -> None:
        self.tf = tf
        self.graph = ys[0].op.graph
        self.xs = xs
        self.ys = ys
        self.colocate = colocate
        self.gate = gate
        self.method = method
        self.grads: dict[Node, list[Any]] = {}
        self.pending: dict[Node, int] = {}
        self.queue: deque[Node] = deque()
        between, self.reached_ys = self._between([t.op for t in ys], [t.op for t in xs])
        self.loops = loops(between, self, colocate) if loops is not None else None
        inside = set(between)
        for node in between:
            for tensor in node.inputs:
                if tensor.op in inside:
                    self.pending[tensor.op] = self.pending.get(tensor.op, 0) + 1
        self.stop = {n for n in (t.op for t in xs)
                     if not any(self.pending.get(i.op, 0) > 0 for i in n.inputs)} | set(stop)

    @staticmethod
    def _between(to: list[Node], start: list[Node]) -> tuple[list[Node], set[Node]]:
        """The nodes on paths from ``start`` to ``to``, and which of ``to`` are reached."""
        reached: set[Node] = set()
        queue = deque(start)
        while queue:
            node = queue.popleft()
            if node not in reached:
                reached.add(node)
                for output in node.outputs:
                    if flows(output):
                        queue.extend(output.consumers())
        found = {n for n in to if n in reached}
        between: list[Node] = []
        queue.extend(to)
        while queue:
            node = queue.popleft()
            if node in reached:
                between.append(node)
                reached.remove(node)
                queue.extend(t.op for t in node.inputs)
        return between, found

    def add(self, tensor: Tensor, grad: Any) -> None:
        """One more gradient that arrives at a tensor."""
        slots = self.grads.setdefault(tensor.op, [[] for _ in tensor.op.outputs])
        if isinstance(slots[tensor.value_index], list):
            slots[tensor.value_index].append(grad)
        else:
            slots[tensor.value_index] = grad

    def has_grads(self, node: Node) -> bool:
        return any(g is not None and (not isinstance(g, list) or any(x is not None for x in g))
                   for g in self.grads.get(node, ()))

    def result(self, tensor: Tensor) -> Any:
        """The gradient of an x; None if nothing arrived."""
        found = self.grads.get(tensor.op)
        return None if found is None else found[tensor.value_index]

    def run(self, grad_ys: Sequence[Any]) -> list[Any]:
        """The gradients of xs, None for those that ys do not depend on."""
        for y, grad in zip(self.ys, grad_ys):
            self.add(y, grad)
        ready: set[Node] = set()
        for y in self.ys:
            node = y.op
            if not self.pending.get(node, 0) and node not in ready and node in self.reached_ys:
                ready.add(node)
                self.queue.append(node)
        if self.loops is not None:
            for tensor in self.loops.process_unused_loop_exits(self.pending, ready):
                if flows(tensor):
                    self.add(tensor, self.loops.zeros_like_for_exit(tensor))
                    self.queue.append(tensor.op)
        while self.queue:
            node = self.queue.popleft()
            with self.graph.scopes.placed(node.span):
                with self._beside(node):
                    self._visit(node)
                self._hand_on(node)
        if self.loops is not None:
            self.loops.post_processing()
        return [self.result(x) for x in self.xs]

    @contextmanager
    def _beside(self, node: Node) -> Iterator[None]:
        if self.colocate:
            with self.graph.colocate_with(node):
                yield
        else:
            yield

    def _visit(self, node: Node) -> None:
        loops = self.loops
        if loops is not None:
            loops.enter_grad_while_context(node, before=True)
        arriving = self._sums(node)
        if loops is not None:
            loops.exit_grad_while_context(node, before=True)
        flows = any(g is not None for g in arriving) and node not in self.stop
        formula = self._formula(node) if flows else None
        if loops is not None:
            loops.enter_grad_while_context(node, before=False)
        if formula is not None:
            leaving = self._apply(node, formula, arriving)
            for index, (tensor, grad) in enumerate(zip(node.inputs, leaving)):
                if grad is not None:
                    self._check(node, index, tensor, grad)
                    self.add(tensor, grad)
        if loops is not None:
            loops.exit_grad_while_context(node, before=False)

    def _hand_on(self, node: Node) -> None:
        """The inputs' nodes wait for one gradient less; those that wait for none are next."""
        for tensor in node.inputs:
            source = tensor.op
            left = self.pending.get(source, 0) - 1
            self.pending[source] = left
            ready = left == 0
            if self.loops is not None and not ready:
                ready = left > 0 and is_loop_switch(source)
            if not ready:
                continue
            if self.loops is not None and is_exit(source):
                self._hand_on_exit(tensor)
            else:
                self.queue.append(source)

    def _hand_on_exit(self, tensor: Tensor) -> None:
        """The exits of one loop go on together; those without a gradient get zeros."""
        assert self.loops is not None
        state = self.loops.get_grad_state(tensor.op, before=False)
        state.deferred_exits.append(tensor)
        state.pending_exits_count -= 1
        if state.pending_exits_count:
            return
        used = False
        for exit_ in state.deferred_exits:
            if self.has_grads(exit_.op):
                used = True
                self.queue.append(exit_.op)
            else:
                state.unused_exits.append(exit_)
        for exit_ in state.unused_exits:
            if used and flows(exit_):
                self.add(exit_, self.loops.zeros_like_for_exit(exit_))
            self.queue.append(exit_.op)

    def _sums(self, node: Node) -> list[Any]:
        """One gradient per output: what arrived, added up."""
        slots = self.grads.get(node)
        if slots is None:
            return [None] * len(node.outputs)
        for i, arrived in enumerate(slots):
            if isinstance(arrived, list):
                slots[i] = total(self, node, [g for g in arrived if g is not None])
        return list(slots)

    def _formula(self, node: Node) -> Callable[..., Any]:
        own = own_formula(node)
        if own is not None:
            return own
        opdef = node.opdef
        if opdef is None or opdef.gradient in (None, undefined_gradient):
            from .missing import missing

            raise missing(self, node)
        assert opdef.gradient is not None
        return opdef.gradient

    def _apply(self, node: Node, formula: Callable[..., Any], arriving: list[Any]) -> list[Any]:
        tf = self.tf
        for i, grad in enumerate(arriving):
            if grad is None and flows(node.outputs[i]):
                arriving[i] = self._zeros(node, i)
        with self.graph.name_scope(node.name + "_grad"):
            for i, grad in enumerate(arriving):
                if is_slices(grad) and node.type not in SPARSE:
                    arriving[i] = tf.convert_to_tensor(grad) if node.type in DENSE else late(tf, grad)
            result = formula(tf, node, *arriving)
            leaving = list(result) if isinstance(result, (list, tuple)) else [result]
            if any(isinstance(g, (list, tuple)) for g in leaving):
                leaving = [x for g in leaving for x in (g if isinstance(g, (list, tuple)) else (g,))]
            if len(leaving) != len(node.inputs):
                raise InvalidValue(f"the gradient of {node.type} gives {len(leaving)} gradients for "
                                   f"{len(node.inputs)} inputs", node.span)
            if self.gate and sum(g is not None for g in leaving) > 1:
                with self.graph.device(None), self.graph.colocate_with(None, ignore_existing=True):
                    leaving = tf.tuple(leaving)
        return leaving

    def _zeros(self, node: Node, index: int) -> Any:
        """The gradient of an output that nothing used."""
        if self.loops is not None:
            return self.loops.zeros_like(node, index)
        return self.zeros_outside(node, index)

    def zeros_outside(self, node: Node, index: int) -> Any:
        """The same for a node that is in none of the loops."""
        return zeros_outside(self.tf, self.graph, node, index)

    @staticmethod
    def _check(node: Node, index: int, tensor: Tensor, grad: Any) -> None:
        """The gradient of an input has the shape of the input."""
        # of a handle it is that of the variable behind it
        if not isinstance(grad, Tensor) or tensor.dtype is resource:
            return
        if not compatible(grad.static, tensor.static):
            raise InvalidValue(f"the gradient of input {index} of {node.name} ({node.type}) has shape "
                               f"{show(grad.static)}, the input {tensor.name} {show(tensor.static)}", node.span)
        grad.static = merge(grad.static, tensor.static)


def default_grad_ys(tf: Any, ys: Sequence[Tensor], grad_ys: Sequence[Any], colocate: bool = False) -> list[Any]:
    """The gradients to begin with: ones where none is given. A number keeps the dtype that it has by itself, whatever
    its y is, as in TensorFlow. colocate: each stands where its y does.

    Raises InvalidValue and InvalidType.
    """
    if len(grad_ys) != len(ys):
        raise InvalidValue(f"there are {len(grad_ys)} grad_ys for {len(ys)} ys")
    all_given = [grad if grad is None or is_slices(grad) else tf.convert_to_tensor(grad, name=f"grad_y_{i}")
                 for i, grad in enumerate(grad_ys)]
    out: list[Any] = []
    for i, (y, given) in enumerate(zip(ys, all_given)):
        with tf.colocate_with(y.op) if colocate else nullcontext():
            out.append(_beginning(tf, y, given, f"grad_ys_{i}"))
    return out


def _fits(kind: DType, given: DType) -> bool:
    """Whether TensorFlow takes a gradient of one dtype for a value of another: any real number for any."""
    if kind is variant or kind is resource:
        return (given is variant) == (kind is variant)
    if kind.is_complex:
        return given.is_complex
    return (kind.is_floating or kind.is_integer) and (given.is_floating or given.is_integer)


def _beginning(tf: Any, y: Tensor, grad: Any, name: str) -> Any:
    kind = y.dtype.base_dtype
    if grad is None:
        if kind.is_complex:
            raise InvalidType(f"{y.name} is {kind.name}: the gradient of a complex value needs grad_ys")
        if kind.name == "string":
            raise InvalidType(f"{y.name} is {kind.name}, which has no gradient")
        return tf.ones(tf.shape(y), dtype=kind, name=name)
    if is_slices(grad):
        parts = {k: getattr(grad, k) for k in ("indices", "values", "dense_shape")}
        return tf.IndexedSlices(**{k: None if p is None else tf.identity(p, name=f"{name}_{k.removeprefix('dense_')}")
                                   for k, p in parts.items()})
    given = grad.dtype.base_dtype
    if not _fits(kind, given):
        raise InvalidType(f"the gradient {grad.name} is {given.name}, and {y.name} is {kind.name}")
    return tf.identity(grad, name=name)
