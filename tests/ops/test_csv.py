"""Lines that are taken apart at once have the fields that each has alone."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.errors import RunError
from graphcli.ops.decode import columns_of, fields

LINES = st.lists(st.text(alphabet='ab,\n\r" ', max_size=8).map(str.encode), min_size=1, max_size=5)


@given(LINES, st.booleans(), st.sampled_from([b",", b"a", b"\n", b" "]))
def test_columns_of_lines_are_those_of_their_fields(lines: list[bytes], quotes: bool, delimiter: bytes) -> None:
    try:
        rows: list[list[bytes]] | None = [fields(line, delimiter, quotes) for line in lines]
    except RunError:
        rows = None
    try:
        columns = columns_of(lines, delimiter, quotes)
    except RunError:
        assert rows is None
        return
    if columns is not None:
        assert rows == [list(row) for row in zip(*columns)]


@pytest.mark.parametrize(("lines", "columns"), [
    ([b"1,2", b"3,"], [[b"1", b"3"], [b"2", b""]]), ([b"x"], [[b"x"]]), ([b"a", b""], None), ([b"1,2", b"3"], None),
    ([b'1,"2"', b"3,4"], None), ([b",", b","], [[b"", b""], [b"", b""]])])
def test_lines_without_quotes_and_of_one_length_are_taken_apart_at_once(lines: list[bytes],
                                                                       columns: list[list[bytes]] | None) -> None:
    assert columns_of(lines, b",", True) == columns
