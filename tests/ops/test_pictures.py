"""Files of pictures: what is told where Pillow is not there, and what of JPEG is not read. What is read:
tests/tf1/recorded/pictures*.txt."""
from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidArgument, Unimplemented
from graphcli.ops import _jpeg

PICTURE = (np.arange(20 * 30 * 3).reshape(20, 30, 3) * 11 % 251).astype(np.uint8)


def jpeg(**how: Any) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, "JPEG", **how)
    return file.getvalue()


@pytest.mark.parametrize("made", ["decode_jpeg", "encode_jpeg"])
def test_what_needs_pillow_names_how_to_get_it(made: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = jpeg()
    monkeypatch.setitem(sys.modules, "PIL", None)
    with tf.Graph().as_default(), tf.Session() as session, pytest.raises(Unimplemented) as caught:
        session.run(tf.image.decode_jpeg(data) if made == "decode_jpeg" else tf.image.encode_jpeg(PICTURE))
    assert "pip install 'graphcli[images]'" in str(caught.value.hint)


def test_sizes_and_other_formats_need_no_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    data = jpeg()
    monkeypatch.setitem(sys.modules, "PIL", None)
    with tf.Graph().as_default(), tf.Session() as session:
        assert session.run(tf.image.extract_jpeg_shape(data)).tolist() == [20, 30, 3]
        assert (session.run(tf.image.decode_jpeg(tf.image.encode_png(PICTURE))) == PICTURE).all()


def test_colours_at_half_the_width_are_not_read_accurately_without_fancy_upscaling() -> None:
    data = jpeg(subsampling="4:2:2")
    with pytest.raises(Unimplemented, match="half the width"):
        _jpeg.decoded(data, 3, 1, False, True)
    assert _jpeg.decoded(data, 3, 8, False, True).shape == (3, 4, 3)


def test_a_jpeg_that_is_cut_short_is_refused() -> None:
    data = jpeg()[:-40]
    with pytest.raises(InvalidArgument, match="Invalid JPEG data or crop window, data size"):
        _jpeg.decoded(data, 3)
    with pytest.raises(Unimplemented, match="cut short"):
        _jpeg.decoded(data, 3, recover=True)


def test_a_window_is_enlarged_from_what_stands_in_it() -> None:
    """libjpeg sees no colours to the right of it, so that its last column is another one than the picture's."""
    data = jpeg(subsampling="4:2:0")
    whole, part = _jpeg.decoded(data, 3), _jpeg.decoded(data, 3, window=(4, 2, 9, 6))
    seen = whole[4:13, 2:8]
    assert (part[:, :-1] == seen[:, :-1]).all() and (part[:, -1] != seen[:, -1]).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (3, 2), (70, 3)])
@pytest.mark.parametrize("fancy", [True, False])
def test_pictures_of_few_columns_are_those_of_pillow_where_it_decodes_alike(size: tuple[int, int], fancy: bool) -> None:
    from PIL import Image

    file = io.BytesIO()
    image = Image.fromarray(np.resize(PICTURE, (*size, 3)))
    image.save(file, "JPEG", subsampling="4:2:0")
    data = file.getvalue()
    if fancy:
        theirs = np.asarray(Image.open(io.BytesIO(data)))
        assert (_jpeg.decoded(data, 3, accurate=True) == theirs).all()
    else:
        theirs = np.asarray(Image.frombytes("RGB", size[::-1], data, "jpeg", "RGB", "", 1, 1))
        assert (_jpeg.decoded(data, 3, fancy=False) == theirs).all()


def test_a_picture_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="takes 1800 bytes; the limit is 1000"):
        _jpeg.decoded(jpeg(), 3, limit=1000)
