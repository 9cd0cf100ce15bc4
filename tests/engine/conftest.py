"""BLAS has one thread in the tests; what is about several asks for them."""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphcli.graph import blas


@pytest.fixture
def blas_has_two_threads() -> Iterator[None]:
    """So a session's steps may leave their products to BLAS's own threads."""
    libraries = blas._libraries()
    before = [library.get_num_threads() for library in libraries]
    for library in libraries:
        library.set_num_threads(2)
    yield
    for library, count in zip(libraries, before):
        library.set_num_threads(count)
