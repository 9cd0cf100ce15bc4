"""Arithmetic, comparisons and reductions."""
from __future__ import annotations

from ..edges import c, edge, k, r, s, z

NAN, INF = float("nan"), float("inf")

for name in ("Equal", "NotEqual"):
    edge(name, k(z(2, 5)), r(z(3)), incompatible_shape_error=False)
    edge(name, k(z(2, 5)), k(z(3)), incompatible_shape_error=False)
    edge(name, s(z(2)), k(z(2)), incompatible_shape_error=False)
    edge(name, s(z(1)), k(z(3)), incompatible_shape_error=False)
    edge(name, s(z(2)), k(z(1)), incompatible_shape_error=False)
edge("ApproximateEqual", r(z(3)), k(z(3)))
edge("Betainc", s(z(3)), k(z(3)), r(z(3)))
edge("Betainc", r(1.5), k(z(3)), k(z(1, 3)))
edge("Betainc", c(1.5), r(z(3)), c(0.5))
edge("ApproximateEqual", k([0.0, 0.5, 1.0, NAN, INF]), k([0.5, 0.5, 0.25, NAN, INF]), tolerance=0.5)
edge("ClipByValue", k([1 + 2j, -3 + 0.5j]), k(0 + 1j), k([0.5 + 1j, 2 + 2j]))
for name in ("Real", "Imag", "Angle", "ComplexAbs"):
    edge(name, k([1 + 2j], "complex128"), Tout="float32")
    edge(name, k([], "complex64"), Tout="float64")
edge("Complex", k([1.0], "float64"), k([2.0], "float64"), Tout="complex64")
for low, high in ((NAN, 1.0), (0.0, NAN), (2.0, 1.0), (NAN, NAN)):
    edge("ClipByValue", k([NAN, -3.0, 0.5, 7.0, INF]), k(low), c(high), grad=True)
edge("ClipByValue", k([-3.0, 0.5, 7.0]), r([NAN, 1.0, 0.0]), k([1.0, NAN, 2.0], "float32"), grad=True)
edge("LinSpace", k(1e30), k(INF), c(5))
edge("LinSpace", k(-INF, "float64"), k(1.0, "float64"), c(3))
for name in ("Sum", "Mean"):
    for kind in ("float32", "float16", "bfloat16"):
        edge(name, k([[-0.0], [1.0]], kind), c([1]), keep_dims=kind != "float32")
    edge(name, k([[-0.0, 1.0]], "float64"), c([0]))
    edge(name, k([[-0.0, -0.0]], "float64"), c([1]))
for name in ("BesselJ0", "BesselK0", "BesselK0e", "BesselK1", "BesselK1e", "BesselY0", "BesselY1", "Spence", "Expint"):
    edge(name, k([0.5, 1.0, 2.0]), grad=True)
edge("Div", s(z(2, 1)), k([4.0, -2.0]), grad=True)
edge("NextAfter", s(z(2, 1)), k([4.0, -2.0]), grad=True)
for a, b in ((False, False), (True, False), (False, True), (True, True)):
    edge("MatMul", r(z(3, 3)), r(z(3, 3)), grad=True, transpose_a=a, transpose_b=b)
