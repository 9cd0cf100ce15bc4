"""Names that count."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.analysis.series import first_word, range_of, stems

WORDS = st.lists(st.from_regex(r"\A[a-z]{0,2}(_?[0-9]{1,2}_?[a-z]?){0,3}\Z"), min_size=1, max_size=8)


@pytest.mark.parametrize(("words", "found"), [
    (["conv", "conv_1", "conv_2"], [0, 1, 2]),
    (["block_1_expand_1", "block_2_expand_1", "block_12_expand_1"], [1, 2, 12]),
    (["a_1_x_1", "a_1_x_2", "a_1_x_3"], [1, 2, 3]),
], ids=["last", "first", "second"])
def test_the_number_that_differs_counts(words: list[str], found: list[int]) -> None:
    assert len({stem for stem, _ in stems(words)}) == 1
    assert [number for _, number in stems(words)] == found


def test_of_several_numbers_that_differ_the_last_counts_or_all_do() -> None:
    words = ["conv2_block1_bn", "conv2_block2_bn", "conv3_block1_bn"]
    assert [stem[0] for stem, _ in stems(words)] == ["conv2_block", "conv2_block", "conv3_block"]
    assert len({stem for stem, _ in stems(words, every=True)}) == 1


@given(WORDS)
def test_names_that_count_the_same_differ_in_their_numbers_alone(words: list[str]) -> None:
    bare = ["".join(c for c in w if c.isalpha()) for w in words]
    for every in (False, True):
        found = stems(words, every)
        for (stem, _), letters in zip(found, bare):
            assert all(b == letters for (s, _), b in zip(found, bare) if s == stem)


@pytest.mark.parametrize(("words", "text"), [
    (["cell_1", "cell_2", "cell_7"], "cell [1 … 7]"),
    (["conv", "conv_1"], "conv [0 … 1]"),
    (["block_2_add_1", "block_15_add_1"], "block [2 … 15]_add_1"),
    (["conv2_block1_bn", "conv3_block6_bn"], "conv [2 … 3]_block [1 … 6]_bn"),
    (["1", "3"], "1 … 3"),
    (["x", "y"], "x … y"),
])
def test_a_range_says_which_numbers_there_are(words: list[str], text: str) -> None:
    assert range_of(words) == text


def test_the_first_word_has_letters_alone() -> None:
    assert [first_word(w) for w in ("batch_normalization_3", "conv2d", "_x", "7")] == ["batch", "conv", "x", "7"]
