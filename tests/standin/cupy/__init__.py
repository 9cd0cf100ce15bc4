"""A stand-in for cupy without a GPU: numpy's numbers behind cupy's surface, and as strict.

It has the names that cupy 14 has and no others, with their parameters (``../surface.json``, recorded from cupy).
What cupy refuses it refuses: arrays of numpy among its own, turning into one by itself, strings and objects.
What a reduction or an index gives is an array of rank 0, never a scalar. It says nothing of a GPU's rounding or speed.
"""
from ._cuda import cuda
from ._device import SURFACE, array, asarray, ascontiguousarray, asnumpy, einsum, fill, ndarray, ufunc

__all__ = ["array", "asarray", "ascontiguousarray", "asnumpy", "cuda", "einsum", "ndarray", "ufunc"]
__version__ = SURFACE["version"]
fill(globals())
