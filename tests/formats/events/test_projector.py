"""Vectors for the projector: what it would refuse, or show against the wrong labels, is refused here."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphcli.errors import GraphError, InvalidValue
from graphcli.formats.events.projector import CONFIG, Embedding, table, with_events, write

ROWS = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.mark.parametrize(("vectors", "labels", "words"), [
    (np.zeros(3), None, "shape"),
    (np.zeros((0, 2)), None, "shape"),
    (np.zeros((2, 2), complex), None, "real numbers"),
    (np.array([[1.0, np.nan]]), None, "NaN"),
    (np.array([[1.0, 1e300]]), None, "numbers beyond float32"),
    (ROWS, ["a", "b"], "3 labels, not 2 lines"),
    (ROWS, ["a\tb"] * 3, "one with the names of its columns, not 3 lines"),
])
def test_refused(vectors: Any, labels: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=words):
        write(str(tmp_path), [Embedding("e", vectors, labels)])
    assert list(tmp_path.iterdir()) == []


def test_names_become_files_of_the_folder(tmp_path: Path) -> None:
    written = write(str(tmp_path), [Embedding("a/../b:0", ROWS, ["x", "y", "z"])])
    assert [Path(p).name for p in written] == ["a_.._b_0.tsv", "a_.._b_0.labels.tsv", CONFIG]
    assert {Path(p).parent for p in written} == {tmp_path}


def test_names_that_differ_get_files_that_differ(tmp_path: Path) -> None:
    for _ in range(2):
        written = write(str(tmp_path), [Embedding("a/b", ROWS, ["x", "y", "z"]), Embedding("a_b", -ROWS),
                                        Embedding("A b", ROWS)])
        assert [Path(p).name for p in written] == ["a_b.tsv", "a_b.labels.tsv", "a_b_1.tsv", "A_b_2.tsv", CONFIG]


def test_labels_go_with_the_rows_that_they_were_of(tmp_path: Path) -> None:
    write(str(tmp_path), [Embedding("e", ROWS, ["x", "y", "z"])])
    write(str(tmp_path), [Embedding("e", -ROWS)])
    assert "metadata_path" in (tmp_path / CONFIG).read_text()
    write(str(tmp_path), [Embedding("e", ROWS[:2])])
    assert "metadata_path" not in (tmp_path / CONFIG).read_text()


def test_the_same_vectors_give_the_same_bytes(tmp_path: Path) -> None:
    for _ in range(2):
        write(str(tmp_path), [Embedding("e", ROWS, ["h\tg", "a\t1", "b\t2", "c\t3"])])
    assert (tmp_path / CONFIG).read_text() == (
        'embeddings {\n  tensor_name: "e"\n  metadata_path: "e.labels.tsv"\n  tensor_shape: 3\n  tensor_shape: 2\n'
        '  tensor_path: "e.tsv"\n}\n')
    assert (tmp_path / "e.tsv").read_text() == "0\t1\n2\t3\n4\t5\n"


def test_every_float_comes_back(tmp_path: Path) -> None:
    values = np.frombuffer(np.random.default_rng(0).bytes(4000), np.float32)
    values = values[np.isfinite(values)][:900].reshape(-1, 9)
    text = table(values).decode()
    again = np.array([[float(x) for x in line.split("\t")] for line in text.splitlines()], np.float32)
    np.testing.assert_array_equal(again, values)


def test_a_config_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("embeddings [")
    with pytest.raises(GraphError, match="is no projector config"):
        write(str(tmp_path), [Embedding("e", ROWS)])


def test_a_folder_gets_one_event_file(tmp_path: Path) -> None:
    assert len(with_events(str(tmp_path))) == 1
    assert with_events(str(tmp_path)) == []
