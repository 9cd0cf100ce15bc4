"""Updates of resource variables, by optimizers and at rows: the rules of the ops for references, by a handle."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import OpDef, get_op, op, undefined_gradient
from .state_resource import shape_of_handle
from .training_signs import BY_HANDLE

DENSE = ("GradientDescent Momentum Adagrad AdagradV2 AdagradDA Adadelta RMSProp CenteredRMSProp Adam Ftrl FtrlV2 "
         "ProximalGradientDescent ProximalAdagrad AdaMax AddSign PowerSign").split()
SPARSE = [n for n in DENSE if n not in ("GradientDescent", "Adam", "AdaMax", "AddSign", "PowerSign")]


class _Context:
    """A kernel's context as the op for references expects it: attr ``T``, and an output of that dtype."""

    def __init__(self, n: Any) -> None:
        self.node, self.xp, self.state, self.each = n.node, n.xp, n.state, n.each
        self._dtype = n.attrs.get("T") or n.attrs["dtype"]
        self.attrs = {**n.attrs, "T": self._dtype}

    def dtype(self, output: int = 0) -> Any:
        return self._dtype.as_numpy_dtype

    def out(self, output: int = 0) -> Any:
        return self._dtype


def _by_handle(base: str, signature: str | None = None, attrs: str | None = None, made: OpDef | None = None) -> None:
    """The op ``base`` of references for handles: the same but for the output, of which there is none."""
    known = made or get_op(base)
    inputs = known.cls.signature.partition("->")[0].replace("Ref(T)", "resource")  # type: ignore[attr-defined]

    def infer(n: Any, handle: Any, *shapes: Any) -> Any:
        # what optimizers write is not looked at while the graph is built
        if known.infer is not None and base.startswith("Scatter"):
            known.infer(n, shape_of_handle(n), *shapes)
        return []

    def kernel(n: Any) -> Any:
        assert known.kernel is not None
        function = known.kernel(_Context(n))

        def update(*args: Any) -> None:
            if base == "ScatterDiv" and not args[2].all():
                raise RunError("updates must not contain 0")
            function(*args)

        return update

    op(type(f"Resource{base}", (), {
        "__doc__": f"{known.doc} Of variables that are given by their handles.", "__module__": __name__,
        "signature": signature or f"{inputs}->", "attrs": attrs or known.cls.attrs,  # type: ignore[attr-defined]
        "host_memory": vars(known.cls).get("host_memory", ""), "cpu_only": known.cpu_only, "stateful": True,
        "no_kernel": vars(known.cls).get("no_kernel", ""),
        "infer": infer, "kernel": kernel, "scratch": known.scratch, "gradient": undefined_gradient}))


for _name in DENSE:
    _by_handle(f"Apply{_name}")
for _name in SPARSE:
    _by_handle(f"SparseApply{_name}")
for _made in BY_HANDLE:
    _by_handle(_made.name, made=_made)
for _name in "Update Add Sub Mul Div Min Max".split():
    _by_handle(f"Scatter{_name}", "resource: resource, indices: Tindices, updates: dtype ->",
               f"dtype: {'type' if _name == 'Update' else '{numbertype}'}; Tindices: {{int32, int64}}")
for _name in "Update Add Sub Min Max".split():
    _by_handle(f"ScatterNd{_name}", "ref: resource, indices: Tindices, updates: T ->",
               "T: type; Tindices: {int32, int64}; use_locking: bool = True; bad_indices_policy: string = ''")
