"""A string is fed with the bytes of a file: pictures go into graphs that decode them."""
from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

SPEC = """inputs: {picture: {dtype: string, shape: []}, x: {dtype: float32, shape: []}}
ops: {pixels: "image.decode_jpeg(picture, channels=3)", size: "shape(pixels)", y: x + 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.zeros((4, 6, 3), np.uint8)).save(file, "JPEG")
    (tmp_path / "p.jpg").write_bytes(file.getvalue())
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path


def test_the_bytes_of_a_picture_are_fed(invoke: Any, folder: Path) -> None:
    told = invoke("run", "s.yaml", "--fetch", "size", "--feed", "picture=@p.jpg", cwd=folder)
    assert told.out.split() == ["size", "int32", "[3]", "[4", "6", "3]"], told.err


@pytest.mark.parametrize(("feeds", "said"), [
    (["picture=@gone.jpg"], "error: --feed picture: there is no file gone.jpg\n"),
    (["picture=@."], "error: --feed picture: . is a folder\n"),
    (["x=@p.jpg"], "error: --feed x: p.jpg is none of .npy, .npz, .csv, .json and .yaml\n"),
])
def test_a_file_that_is_none_is_told(feeds: list[str], said: str, invoke: Any, folder: Path) -> None:
    flags = [word for feed in feeds for word in ("--feed", feed)]
    assert invoke("run", "s.yaml", "--fetch", "y" if feeds[0][0] == "x" else "size", *flags, cwd=folder).err == said
