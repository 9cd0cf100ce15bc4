"""Reductions, cumulative sums and segments."""
from __future__ import annotations

import numpy as np

from ..cases import a, f, i, p, row, v

NAN = [[np.nan, 1.0, 2.0], [0.0, -0.0, np.inf]]

for name in ("Sum", "Mean", "Prod", "Max", "Min", "EuclideanNorm"):
    row(name, f(2, 3), i(1))
    row(name, f(2, 3), i(0, 1), keep_dims=True)
    row(name, f(2, 3, 2), i(-1, 0))
    row(name, f(2, 3), a(0, "int64"))
    row(name, f(2, 3), a([], "int32"))
    row(name, f(), a([], "int32"))
    row(name, f(3, 0), i(1), grad=False)
    row(name, v(NAN), i(1), grad=False)
row("Max", v([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]), i(1), grad=False)
row("Prod", v([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0]]), i(1))
for name in ("All", "Any"):
    row(name, a([[True, False], [True, True]], "bool"), i(1))
    row(name, a([[True, False], [True, True]], "bool"), i(0, 1), keep_dims=True)
    row(name, a(np.zeros((0, 2)), "bool"), i(0))
for name in ("ArgMax", "ArgMin"):
    row(name, f(2, 3), a(1))
    row(name, f(2, 3), a(0), output_type="int32")
    row(name, v([[1.0, np.nan, 3.0], [2.0, 2.0, 1.0]]), a(-1))
for name in ("Cumsum", "Cumprod"):
    row(name, f(2, 3), a(1))
    row(name, f(2, 3), a(0), exclusive=True)
    row(name, f(2, 3), a(-1), reverse=True)
    row(name, f(4), a(0), exclusive=True, reverse=True)
    row(name, f(0, 2), a(0))
for name in ("SegmentSum", "SegmentMean", "SegmentProd", "SegmentMax", "SegmentMin"):
    row(name, f(5, 2), i(0, 0, 1, 3, 3))
    row(name, f(3), a([0, 1, 1], "int64"))
for name in ("UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin"):
    row(name, f(5, 2), i(2, 0, 2, -1, 0), a(3))
    row(name, f(2, 2), a([[0, 1], [1, 0]], "int64"), a(2))
row("UnsortedSegmentProd", v([0.0, 2.0, 0.0, 0.0]), i(0, 0, 1, 1), a(2), kinds="float32 float64", grad=False)
for name in ("SparseSegmentSum", "SparseSegmentMean", "SparseSegmentSqrtN"):
    row(name, f(4, 2), i(0, 3, 1, 0), i(0, 0, 1, 3))
    row(name, f(4), a([2, 1], "int64"), i(0, 1))
    row(f"{name}WithNumSegments", f(4, 2), i(0, 3, 1), i(0, 0, 2), a(5))
    row(f"{name}Grad", f(4, 2), i(0, 3, 1, 0), i(0, 0, 1, 3), a(5))
row("L2Loss", f(2, 3))
row("L2Loss", f())
row("L2Loss", f(0))
row("BiasAddGrad", f(2, 3))
row("BiasAddGrad", f(2, 3, 2, 2), data_format="NCHW")
row("EuclideanNorm", p(2, 2), i(0))
for name, tall in (("FFT", (2, 4)), ("FFT2D", (3, 4)), ("FFT3D", (2, 3, 2))):
    row(name, f(*tall), kinds="complex64 complex128")
    row(f"I{name}", f(*tall), kinds="complex64 complex128")
for name, tall, length in (("RFFT", (2, 5), [5]), ("RFFT2D", (3, 4), [3, 4]), ("RFFT3D", (2, 3, 4), [2, 3, 4])):
    row(name, f(*tall), a(length), grad=not name.endswith("3D"))
    half = (*tall[:-1], tall[-1] // 2 + 1)
    row(f"I{name}", f(*half), a(length), kinds="complex64", grad=not name.endswith("3D"))
row("UnravelIndex", a([5, 0]), a([2, 3]))
