"""Assertions about tensors, arrays and nests of them (those of tf.test.TestCase)."""
from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..graph.types import bfloat16
from .conversion import is_tensor
from .device_spec import DeviceSpec
from .testing_words import WordAssertions

EXPORTS = ""

FEW = 500
"""Elements at most that are shown of an array of more than three axes."""


class ArrayAssertions(WordAssertions):
    """Compares arrays; of tensors their values, which ``evaluate`` finds."""

    def evaluate(self, tensors: Any) -> Any:
        raise NotImplementedError

    def _array(self, value: Any) -> Any:
        found = self.evaluate(value) if is_tensor(value) else value
        return found if isinstance(found, np.ndarray) else np.array(found)

    _GetNdArray = _array

    def assertNear(self, f1: float, f2: float, err: float, msg: Any = None) -> None:
        """Asserts that two numbers differ by ``err`` at most."""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err,
                        f"{f1:f} != {f2:f} +/- {err:f}" + (f" ({msg})" if msg is not None else ""))

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: Any = None) -> None:
        """assertNear of the elements of two lists."""
        self.assertEqual(len(farray1), len(farray2), msg=msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(float(f1), float(f2), err, msg=msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: Any = None) -> None:
        """Asserts that the difference of two arrays has a norm below ``err``."""
        self.assertTrue(np.linalg.norm(ndarray1 - ndarray2) < err, msg=msg)

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: Any = None) -> None:
        """Asserts that two arrays, tensors or nests of them differ by ``atol + rtol * abs(b)`` at most."""
        self._all_close(a, b, rtol, atol, (), msg or "")

    def _all_close(self, a: Any, b: Any, rtol: float, atol: float, path: tuple[Any, ...], msg: str) -> None:
        at = "".join(f"[{key}]" for key in path)
        a, b = (x._asdict() if hasattr(x, "_asdict") else x for x in (a, b))
        if isinstance(a, Mapping) != isinstance(b, Mapping):
            raise ValueError(f"Can't compare dict to non-dict, a{at} vs b{at}. {msg}")
        if isinstance(a, Mapping):
            self.assertCountEqual(a.keys(), b.keys(), msg=f"mismatched keys: a{at} has keys {a.keys()}, "
                                  f"but b{at} has keys {b.keys()}. {msg}")
            for key in a:
                self._all_close(a[key], b[key], rtol, atol, (*path, key), msg)
            return
        told = f"Mismatched value: a{at} is different from b{at}. {msg}"
        if not isinstance(a, (list, tuple)):
            self._close(a, b, rtol, atol, told)
            return
        try:
            self._close(a, b, rtol, atol, told)
        except (ValueError, TypeError):
            # what is no array as a whole
            if len(a) != len(b):
                raise ValueError(f"Mismatched length: a{at} has {len(a)} items, but b{at} has {len(b)} items. "
                                 f"{msg}") from None
            for i, (x, y) in enumerate(zip(a, b)):
                self._all_close(x, y, rtol, atol, (*path, i), msg)

    def _same_shape(self, a: Any, b: Any, end: str = ".") -> None:
        seen = f" with contents {b}" if end == "." and (b.ndim <= 3 or b.size < FEW) else ""
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}{seen}{end}")

    def _close(self, a: Any, b: Any, rtol: float, atol: float, told: str) -> None:
        a, b = self._array(a), self._array(b)
        self._same_shape(a, b)
        if np.allclose(a, b, rtol=rtol, atol=atol):
            return
        where = np.where((np.abs(a - b) > atol + rtol * np.abs(b)) | (np.isnan(a) != np.isnan(b)))
        x, y = (a[where], b[where]) if a.ndim else (a, b)
        lines = [told, *([f"not close where = {where}"] if a.ndim else []), f"not close lhs = {x}",
                 f"not close rhs = {y}", f"not close dif = {np.abs(x - y)}",
                 f"not close tol = {atol + rtol * np.abs(y)}", f"dtype = {a.dtype}, shape = {a.shape}"]
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg="\n".join(lines), equal_nan=True)

    def assertAllCloseAccordingToType(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6,
                                      float_rtol: float = 1e-6, float_atol: float = 1e-6, half_rtol: float = 1e-3,
                                      half_atol: float = 1e-3, bfloat16_rtol: float = 1e-2,
                                      bfloat16_atol: float = 1e-2, msg: Any = None) -> None:
        """assertAllClose, with what the less precise of the two dtypes can hold."""
        a, b = self._array(a), self._array(b)
        for kinds, r, t in (((np.float32, np.complex64), float_rtol, float_atol), ((np.float16,), half_rtol, half_atol),
                            ((bfloat16.as_numpy_dtype,), bfloat16_rtol, bfloat16_atol)):
            if a.dtype in kinds or b.dtype in kinds:
                rtol, atol = max(rtol, r), max(atol, t)
        self.assertAllClose(a, b, rtol=rtol, atol=atol, msg=msg)

    def assertNotAllClose(self, a: Any, b: Any, **kwargs: Any) -> None:
        """Asserts that two arrays differ somewhere by more than ``assertAllClose`` allows."""
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

    def assertAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        """Asserts that two arrays or tensors are the same, number for number."""
        msg = msg or ""
        a, b = self._array(a), self._array(b)
        seen = f" Contents: {b}. \n" if b.ndim <= 3 or b.size < FEW else " "
        self._same_shape(a, b, f".{seen}{msg}.")
        same = a == b
        if a.dtype in (np.float16, np.float32, np.float64, bfloat16.as_numpy_dtype):
            same = same | (np.isnan(a) & np.isnan(b))
        if not np.all(same):
            where = np.where(~np.asarray(same))
            x, y = (a[where], b[where]) if a.ndim else (a, b)
            lines = [msg, *([f"not equal where = {where}"] if a.ndim else []), f"not equal lhs = {x}",
                     f"not equal rhs = {y}"]
            np.testing.assert_array_equal(a, b, err_msg="\n".join(lines))

    def assertNotAllEqual(self, a: Any, b: Any, msg: Any = None) -> None:
        """Asserts that two arrays differ somewhere."""
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        raise AssertionError("The two values are equal at all elements")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Asserts that all elements are greater than a number."""
        self.assertGreater(np.min(self._array(a)), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Asserts that all elements are less than a number."""
        self.assertLess(np.max(self._array(a)), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Asserts that no element is less than a number."""
        self.assertGreaterEqual(np.min(self._array(a)), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Asserts that no element is greater than a number."""
        self.assertLessEqual(np.max(self._array(a)), comparison_target)

    def assertAllInRange(self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
                         open_upper_bound: bool = False) -> None:
        """Asserts that all elements are numbers between two others; open: they are not these."""
        target = self._array(target)
        if not np.issubdtype(target.dtype, np.floating) and not np.issubdtype(target.dtype, np.integer):
            raise AssertionError(f"The value of {target} does not have an ordered numeric type, instead it has type: "
                                 f"{target.dtype}")
        if np.isnan(target).any():
            raise AssertionError(f"{np.isnan(target).sum()} of the {target.size} element(s) are NaN. Subscripts(s) and "
                                 f"value(s) of the NaN element(s):\n" + _listed(np.isnan(target), target))
        out = (target <= lower_bound if open_lower_bound else target < lower_bound) | (
            target >= upper_bound if open_upper_bound else target > upper_bound)
        if out.any():
            bounds = f"{'[('[open_lower_bound]}{lower_bound}, {upper_bound}{'])'[open_upper_bound]}"
            raise AssertionError(f"{out.sum()} of the {target.size} element(s) are outside the range {bounds}. "
                                 "Subscript(s) and value(s) of the offending elements:\n" + _listed(out, target))

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Asserts that all elements are some of these."""
        other = np.setdiff1d(self._array(target).flatten(), list(expected_set))
        if other.size:
            raise AssertionError(f"{other.size} unique element(s) are not in the set {expected_set}: {other}")

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Asserts what an array is made of."""
        self.assertEqual(self._array(target).dtype, expected_dtype)

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: Any = None) -> None:
        """Asserts that a tensor has the shape of an array. Raises TypeError for what is no array, or no tensor."""
        if not isinstance(np_array, (np.ndarray, np.generic)):
            raise TypeError("np_array must be a Numpy ndarray or Numpy scalar")
        if not is_tensor(tf_tensor):
            raise TypeError("tf_tensor must be a Tensor")
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg=msg)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: Any = None) -> None:
        """Asserts that two devices, strings or DeviceSpecs, are one."""
        first, second = (DeviceSpec.from_string(d).to_string() if isinstance(d, str) else d.to_string() if d else ""
                         for d in (device1, device2))
        self.assertEqual(first, second, f"Devices {first} and {second} are not equal. {msg}")


def _listed(where: Any, values: Any, limit: int = 10) -> str:
    """The places of an array and what stands there, a line each."""
    places = np.transpose(np.where(where))

    def lines() -> Iterator[str]:
        for place in itertools.islice(places, limit):
            yield f"  {place} : {values[tuple(place)]}"
        if len(places) > limit:
            yield "  ..."

    return "\n".join(lines())
