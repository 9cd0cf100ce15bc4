"""Elementwise ops of one and two arguments."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..cases import Draw, a, above, f, large, p, q, row, u, v

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-30]
INTEGERS = [-128, -7, -1, 0, 1, 3, 100, 127]


def unary(names: str, make: Callable[..., Draw] = f, special: bool = True) -> None:
    for name in names.split():
        row(name, make(2, 3))
        row(name, make())
        row(name, make(0, 3))
        if special:
            row(name, v(SPECIAL), grad=False)


unary("Abs Neg Square Sign Sin Cos Sinh Cosh Tan Tanh Atan Asinh Exp Expm1 Sigmoid Erfc Floor Ceil Rint Inv Reciprocal")
unary("Erf Lgamma Digamma", special=False)
row("Erf", v(SPECIAL), kinds="float32", grad=False)
row("Round", f(2, 3), kinds="float32 float64 float16 bfloat16")
row("Round", f(0, 3))
row("Round", v([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, np.nan, np.inf]), grad=False)
unary("Log1p Log Sqrt Rsqrt Lgamma Digamma", p)
unary("Acosh", above)
unary("Acos Asin Atanh Erfinv", u)
unary("Ndtri", q)
unary("BesselI0 BesselI1 BesselI0e BesselI1e BesselJ0 BesselJ1 Dawsn FresnelCos FresnelSin", large, special=False)
unary("BesselK0 BesselK0e BesselK1 BesselK1e BesselY0 BesselY1 Spence Expint", p, special=False)
for name in ("Lgamma", "Digamma"):
    row(name, v([-2.5, -0.3, 0.0, -1.0, 40.0, np.nan, np.inf]), grad=False)
for name in ("Log", "Sqrt", "Rsqrt", "Log1p", "Acosh", "Asin", "Acos", "Atanh", "Erfinv", "Ndtri"):
    row(name, v([*SPECIAL, -0.5, 1.0, -1.0, 2.0]), grad=False)
for name in ("Abs", "Neg", "Sign", "Square"):
    row(name, v(INTEGERS), kinds="int8 int16 int32 int64", grad=False)

for name in ("IsNan", "IsInf", "IsFinite"):
    row(name, v(SPECIAL))
    row(name, f(0, 2))
unary("OnesLike ZerosLike", special=False)
row("ZerosLike", v(a([b"a", b""], "string"), "string"), kinds="string", grad=False)
for name in ("Conj", "Real", "Imag", "Angle", "ComplexAbs"):
    double = {} if name == "Conj" else {"Tout": "float64"}
    single = {} if name == "Conj" else {"Tout": "float32"}
    row(name, f(2, 3), kinds="complex64", **single)
    row(name, f(2, 3), kinds="complex128", **double)
    row(name, f(), kinds="complex128", **double)
    row(name, f(0, 3), kinds="complex128", **double)
row("Complex", f(2, 3), f(2, 3), kinds="float32", Tout="complex64")
row("Complex", f(2, 1), f(3), kinds="float64", Tout="complex128")

for name in ("AddV2", "Sub", "Mul", "Add", "Maximum", "Minimum", "SquaredDifference"):
    row(name, f(2, 3), f(2, 3))
    row(name, f(2, 1), f(3))
    row(name, f(), f(2, 3))
    row(name, f(2, 3, 1), f(1, 3, 2))
    row(name, f(0, 3), f(1, 3))
    row(name, v([*SPECIAL, 2.0]), v([1.0, np.nan, np.inf, -0.0, np.nan, -np.inf, 2.0]), grad=False)
row("Add", v(a([b"a", b"b"], "string"), "string"), v(a([b"c"], "string"), "string"), kinds="string", grad=False)
row("Maximum", v([1.0, 2.0, 2.0]), v([2.0, 2.0, 1.0]))
row("Minimum", v([1.0, 2.0, 2.0]), v([2.0, 2.0, 1.0]))
for name in ("RealDiv", "Div", "FloorDiv", "TruncateDiv", "FloorMod", "TruncateMod", "Mod", "DivNoNan", "Xdivy"):
    row(name, f(2, 3), f(2, 3))
    row(name, f(2, 1), f(3))
    row(name, f(), f(2, 3))
    row(name, f(0, 3), f(3))
for name in ("FloorDiv", "TruncateDiv", "Div", "FloorMod", "TruncateMod", "Mod"):
    row(name, v([7, -7, 7, -7, 6, -6, 0]), v([3, 3, -3, -3, 3, -3, 5]),
        kinds="int8 int16 int32 int64 float32 float64 float16", grad=False)
for name in ("RealDiv", "FloorDiv", "FloorMod", "DivNoNan", "MulNoNan", "Xdivy", "Xlogy", "Xlog1py"):
    row(name, v([1.0, -1.0, 0.0, np.nan, np.inf, 0.0]), v([0.0, 0.0, 0.0, 2.0, np.inf, np.nan]),
        kinds="float32 float64", grad=False)
row("MulNoNan", f(2, 3), f(2, 3))
row("MulNoNan", f(2, 1), f(3))
for name in ("Xlogy", "Xlog1py"):
    row(name, f(2, 3), p(2, 3))
    row(name, f(2, 1), p(3))
row("Pow", p(2, 3), f(2, 3), kinds="float32 float64 float16 bfloat16 complex64 complex128")
row("Pow", p(2, 1), f(3))
row("Pow", v([2, -3, 0, 5]), v([3, 2, 0, 1]), kinds="int32 int64 float32 float64 int8 int16", grad=False)
row("Pow", f(3), a([2.0, 3.0, 2.0], "float64"), kinds="float64")
row("Atan2", f(2, 3), f(2, 3))
row("Atan2", f(2, 1), f(3))
row("Atan2", v([0.0, -0.0, 0.0, -0.0, 1.0]), v([1.0, 1.0, -1.0, -1.0, 0.0]), grad=False)
row("NextAfter", f(2, 3), f(2, 3))
row("NextAfter", v([0.0, 1.0, 1.0, np.inf]), v([1.0, 2.0, 1.0, 0.0]), grad=False)
for name in ("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"):
    row(name, f(2, 3), f(2, 3))
    row(name, f(2, 1), f(3))
    row(name, v([*SPECIAL]), v([np.nan, np.inf, 0.0, -0.0, 0.0, 1e-30]))
row("Equal", v(a([b"a", b"b"], "string"), "string"), v(a([b"a", b"c"], "string"), "string"), kinds="string")
row("NotEqual", v([True, False, True]), v([True, True, False]), kinds="bool")
row("ApproximateEqual", v([1.0, 1.0, 2.0]), v([1.000001, 1.1, 2.0]), kinds="float32 float64")
row("ApproximateEqual", f(2, 3), f(2, 3), tolerance=0.7)
for name in ("LogicalAnd", "LogicalOr"):
    row(name, v([[True, False], [True, False]], "bool"), v([True, True], "bool"))
row("LogicalNot", v([True, False], "bool"))
for name in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
    row(name, v([1, 6, 7, 0]), v([3, 5, 7, 9]))
    row(name, v([[1], [6]]), v([3, 5, 7]))
for name in ("LeftShift", "RightShift"):
    row(name, v([1, 6, 7, 0, 100]), v([3, 1, 0, 2, 1]))
row("Invert", v([0, 1, 100]))
row("PopulationCount", v([0, 1, 100, 127]))
row("Bitcast", f(2, 3, kind="float32"), type="int32")
row("Bitcast", v([[1, 2], [3, 4]], "int32"), type="int64")
row("Bitcast", v([1, 2], "int32"), type="uint8")

row("Igamma", p(2, 3), p(2, 3))
row("Igamma", p(2, 1), p(3))
row("Igammac", p(2, 3), p(2, 3))
row("Igammac", p(), p(2, 2))
row("IgammaGradA", p(2, 3), p(2, 3))
row("Betainc", p(2, 3), p(2, 3), q(2, 3))
row("Betainc", p(), p(3), q(3))
row("Zeta", above(2, 3), p(2, 3))
row("Zeta", above(2, 1), p(3))
row("Polygamma", v([1.0, 2.0, 3.0]), p(3))
row("Polygamma", v([[1.0], [2.0]]), p(3))
row("RandomGammaGrad", p(2, 3), p(2, 3))

row("Cast", f(2, 3), kinds="float32", DstT="float64")
row("Cast", f(2, 3), kinds="float64", DstT="float32")
row("Cast", f(2, 3), kinds="complex128", DstT="float64")
row("Cast", f(2, 3), kinds="float64", DstT="complex128")
for target in ("int32", "int8", "uint8", "bool", "float16", "bfloat16", "complex64", "int64"):
    row("Cast", v([1.5, -1.5, 0.0, 100.9, -0.5]), kinds="float32 float64", grad=False, DstT=target)
    row("Cast", v([1, 0, 100, 3]), kinds="int32 int64 bool uint8 float16", grad=False, DstT=target)
row("ClipByValue", f(2, 3), v(-1.0), v(1.0), kinds="float32 float64 float16 bfloat16 int32 int64 int8 uint8")
row("ClipByValue", f(2, 3), v([[-1.0, 0.1, -2.0], [0.1, -0.2, -3.0]]), v([[0.3, 0.5, 1.0], [0.5, 0.4, 1.0]]))
row("AddN", [f(2, 3)])
row("AddN", [f(2, 3), f(2, 3), f(2, 3)])
row("AddN", [f(0, 2), f(0, 2)])
row("Cross", f(2, 3), f(2, 3))
row("Cross", f(3), f(3))
for name in ("SigmoidGrad", "TanhGrad", "InvGrad", "ReciprocalGrad"):
    row(name, f(2, 3), f(2, 3))
    row(name, f(), f())
for name in ("SqrtGrad", "RsqrtGrad"):
    row(name, p(2, 3), f(2, 3))
    row(name, p(), f())
row("Bucketize", v([-5.0, 0.0, 1.5, 10.0, 11.0]), boundaries=[0.0, 1.0, 10.0])
row("LinSpace", v(1.0), v(4.0), a(5), kinds="float32 float64", grad=False)
row("LinSpace", v(1.0), v(4.0), a(1), kinds="float32 float64", grad=False)
for many in (1, 2, 9):
    row("NearestNeighbors", f(5, 3), f(4, 3), a(many, "int64"), grad=False)

for tries, word in ((0, 3), (2, 1), (-1, -7)):
    row("KmeansPlusPlusInitialization", f(7, 3), a(4, "int64"), a(word, "int64"), a(tries, "int64"), grad=False)
for word in (1, 5):
    row("KMC2ChainInitialization", p(12), a(word, "int64"), grad=False)
row("MaskedMatmul", f(3, 4), f(4, 5), a([[0, 1], [2, 4], [0, 1]], "int64"), a(False, "bool"), a(False, "bool"))
row("MaskedMatmul", f(4, 3), f(5, 4), a([[2, 0]], "int64"), a(True, "bool"), a(True, "bool"))
PLACES = a([[0, 0], [2, 1], [0, 3], [2, 2]], "int64")
row("WALSComputePartialLhsAndRhs", f(4, 2), q(4), a(0.1, "float32"), q(3), PLACES, f(4), a([], "float32"),
    a(3, "int64"), a(False, "bool"))
row("WALSComputePartialLhsAndRhs", f(3, 2), a([], "float32"), a(0.0, "float32"), a([], "float32"), PLACES, f(4), q(4),
    a(5, "int64"), a(True, "bool"))
