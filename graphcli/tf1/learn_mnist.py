"""MNIST from its four files (tensorflow.examples.tutorials.mnist.input_data, tf.contrib.learn.datasets)."""
from __future__ import annotations

import gzip
import os
from collections import namedtuple
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, NotFound
from ..graph.types import as_dtype, float32, uint8
from .modules import modules

EXPORTS = """
examples.tutorials.mnist.input_data contrib.learn.datasets.mnist: read_data_sets
contrib.learn.datasets.mnist: DataSet load_mnist dense_to_one_hot extract_images extract_labels
contrib.learn.datasets: load_dataset
contrib.learn.datasets.base: Datasets
"""

tf = modules["tf"]
Datasets = namedtuple("Datasets", "train validation test")
FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
         "t10k-labels-idx1-ubyte.gz")
IMAGES, LABELS = 2051, 2049


def _numbers(f: Any, magic: int, what: str) -> Any:
    """The bytes of an idx file, in its shape. Raises InvalidValue for another kind of file."""
    print("Extracting", f.name)
    with gzip.GzipFile(fileobj=f) as stream:
        data = stream.read()
    found = int.from_bytes(data[:4], "big")
    if found != magic:
        raise InvalidValue(f"Invalid magic number {found} in MNIST {what} file: {f.name}")
    axes = found & 0xFF
    shape = np.frombuffer(data, ">u4", axes, 4).astype(int)
    return np.frombuffer(data, np.uint8, int(shape.prod()), 4 + 4 * axes).reshape(shape)


def extract_images(f: Any) -> Any:
    """uint8 [number, height, width, 1] of an open file. Raises InvalidValue for another kind of file."""
    return _numbers(f, IMAGES, "image")[..., np.newaxis]


def dense_to_one_hot(labels_dense: Any, num_classes: int) -> Any:
    """Labels as rows of which one number is 1."""
    return np.eye(num_classes)[labels_dense.ravel()]


def extract_labels(f: Any, one_hot: bool = False, num_classes: int = 10) -> Any:
    """uint8 [number] of an open file; one_hot: [number, num_classes]."""
    labels = _numbers(f, LABELS, "label")
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


class DataSet:
    """Images, labels, and batches of them, which are shuffled by numpy's numbers.

    Raises InvalidType for another dtype than uint8 and float32, in which images are shares of 255.
    """

    def __init__(self, images: Any, labels: Any, fake_data: bool = False, one_hot: bool = False, dtype: Any = float32,
                 reshape: bool = True, seed: int | None = None) -> None:
        graph_seed, op_seed = tf.get_seed(seed)
        np.random.seed(graph_seed if seed is None else op_seed)
        kind = as_dtype(dtype).base_dtype
        if kind not in (uint8, float32):
            raise InvalidType(f"Invalid image dtype {kind!r}, expected uint8 or float32")
        if fake_data:
            self._num_examples = 10000
            self.one_hot = one_hot
        else:
            assert images.shape[0] == labels.shape[0], f"images.shape: {images.shape} labels.shape: {labels.shape}"
            self._num_examples = images.shape[0]
            if reshape:
                assert images.shape[3] == 1
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if kind is float32:
                images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images, self._labels = images, labels
        self._epochs_completed = self._index_in_epoch = 0

    @property
    def images(self) -> Any:
        return self._images

    @property
    def labels(self) -> Any:
        return self._labels

    @property
    def num_examples(self) -> int:
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        return self._epochs_completed

    def _shuffle(self) -> None:
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images, self._labels = self._images[order], self._labels[order]

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """(images, labels) of the next ``batch_size``; one over the end has what is left and the next epoch's first."""
        if fake_data:
            label = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start, end = self._index_in_epoch, self._index_in_epoch + batch_size
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if end <= self._num_examples:
            self._index_in_epoch = end
            return self._images[start:end], self._labels[start:end]
        self._epochs_completed += 1
        images, labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        self._index_in_epoch = end = batch_size - len(images)
        return np.concatenate((images, self._images[:end])), np.concatenate((labels, self._labels[:end]))


def read_data_sets(train_dir: Any, fake_data: bool = False, one_hot: bool = False, dtype: Any = float32,
                   reshape: bool = True, validation_size: int = 5000, seed: int | None = None,
                   source_url: str | None = None) -> Datasets:
    """(train, validation, test), from the four files in a folder (input_data.read_data_sets).

    Raises NotFound where one is missing, for nothing is downloaded; InvalidValue for a validation_size above what is
    there.
    """
    if fake_data:
        return Datasets(*(DataSet([], [], True, one_hot, dtype, seed=seed) for _ in range(3)))
    read = []
    for name in FILES:
        path = os.path.join(train_dir, name)
        if not os.path.exists(path):
            raise NotFound(f"there is no {path}, and nothing is downloaded here",
                           hint=f"put {', '.join(FILES)} there")
        with open(path, "rb") as file:
            read.append(extract_images(file) if "images" in name else extract_labels(file, one_hot))
    images, labels, *test = read
    if not 0 <= validation_size <= len(images):
        raise InvalidValue(f"Validation size should be between 0 and {len(images)}. Received: {validation_size}.")
    parts: Any = ((images[validation_size:], labels[validation_size:]),
                  (images[:validation_size], labels[:validation_size]), test)
    return Datasets(*(DataSet(x, y, dtype=dtype, reshape=reshape, seed=seed) for x, y in parts))


def load_mnist(train_dir: Any = "MNIST-data") -> Datasets:
    """read_data_sets of a folder."""
    return read_data_sets(train_dir)


def load_dataset(name: str, size: str = "small", test_with_fake_data: bool = False) -> Datasets:
    """The data set of a name (tf.contrib.learn.datasets.load_dataset): 'mnist'. Raises InvalidValue for another."""
    if name != "mnist":
        raise InvalidValue(f"Name of dataset is not found: {name}", hint="'mnist' is here")
    return load_mnist()
