"""Words of texts as numbers (tf.contrib.learn.preprocessing.VocabularyProcessor); pickles of TensorFlow's are read."""
from __future__ import annotations

import pickle
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import InvalidValue
from .gfile import GFile

EXPORTS = """
contrib.learn.preprocessing contrib.learn.preprocessing.text: VocabularyProcessor ByteProcessor tokenizer
contrib.learn.preprocessing contrib.learn.preprocessing.categorical_vocabulary: CategoricalVocabulary
"""

WORD = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+", re.UNICODE)


def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """The words of each text."""
    for text in iterator:
        yield WORD.findall(text)


class CategoricalVocabulary:
    """Words and their numbers from 1 on, in the order in which they come; 0 is the unknown word."""

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True) -> None:
        self._unknown_token, self._support_reverse, self._freeze = unknown_token, support_reverse, False
        self._freq: Any = defaultdict(int)
        self._clear()

    def _clear(self) -> None:
        self._mapping = {self._unknown_token: 0}
        if self._support_reverse:
            self._reverse_mapping = [self._unknown_token]

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """Whether new words are unknown from now on."""
        self._freeze = freeze

    def get(self, category: Any) -> int:
        """The number of a word, a new one if it has none yet."""
        if category not in self._mapping:
            if self._freeze:
                return 0
            self._mapping[category] = len(self._mapping)
            if self._support_reverse:
                self._reverse_mapping.append(category)
        return self._mapping[category]

    def add(self, category: Any, count: int = 1) -> None:
        """Counts a word."""
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keeps words that came more often than min_frequency, and less often than max_frequency, the most frequent
        first."""
        by_word = sorted(self._freq.items(), key=lambda item: (isinstance(item[0], str), item[0]))
        ordered = sorted(by_word, key=lambda item: item[1], reverse=True)
        self._clear()
        kept = 0
        for category, count in ordered:
            if 0 < max_frequency <= count:
                continue
            if count <= min_frequency:
                break
            kept += 1
            self._mapping[category] = kept
            if self._support_reverse:
                self._reverse_mapping.append(category)
        self._freq = dict(ordered[:kept])

    def reverse(self, class_id: int) -> Any:
        """The word of a number. Raises InvalidValue without support_reverse."""
        if not self._support_reverse:
            raise InvalidValue("This vocabulary wasn't initialized with support_reverse to support reverse() function.")
        return self._reverse_mapping[class_id]


class VocabularyProcessor:
    """Texts as numbers of words (tf.contrib.learn.preprocessing.VocabularyProcessor).

    max_document_length: of each text, cut or filled with 0. min_frequency: words that come no more often are unknown.
    """

    def __init__(self, max_document_length: int, min_frequency: int = 0, vocabulary: Any = None,
                 tokenizer_fn: Callable[[Iterable[str]], Iterable[list[str]]] | None = None) -> None:
        self.max_document_length, self.min_frequency = max_document_length, min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Learns the words of texts."""
        for tokens in self._tokenizer(raw_documents):
            for token in tokens:
                self.vocabulary_.add(token)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(self, raw_documents: Any, unused_y: Any = None) -> Iterator[Any]:
        """fit and transform."""
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def transform(self, raw_documents: Iterable[str]) -> Iterator[Any]:
        """int64 [max_document_length] for each text."""
        for tokens in self._tokenizer(raw_documents):
            ids = np.zeros(self.max_document_length, np.int64)
            for i, token in enumerate(tokens[:self.max_document_length]):
                ids[i] = self.vocabulary_.get(token)
            yield ids

    def reverse(self, documents: Iterable[Any]) -> Iterator[str]:
        """The texts of numbers, with spaces between words."""
        for document in documents:
            yield " ".join(self.vocabulary_.reverse(class_id) for class_id in document)

    def save(self, filename: Any) -> None:
        """Writes it to a file."""
        with GFile(filename, "wb") as file:
            file.write(pickle.dumps(self))

    @classmethod
    def restore(cls, filename: Any) -> VocabularyProcessor:
        """Reads it from a file."""
        with GFile(filename, "rb") as file:
            return pickle.loads(file.read())  # type: ignore[no-any-return]


class ByteProcessor:
    """Texts as their bytes (tf.contrib.learn.preprocessing.ByteProcessor), cut or filled to one length."""

    def __init__(self, max_document_length: int) -> None:
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> None:
        """Nothing is learnt."""

    def fit_transform(self, x: Any) -> Iterator[Any]:
        return self.transform(x)

    def transform(self, x: Iterable[Any]) -> Iterator[Any]:
        """uint8 [max_document_length] for each text."""
        for document in x:
            data = document.encode() if isinstance(document, str) else document
            found = np.frombuffer(data[:self.max_document_length], np.uint8)
            yield np.pad(found, (0, self.max_document_length - len(found)))

    def reverse(self, x: Iterable[Any]) -> Iterator[str]:
        """The texts of bytes, '' for what is none."""
        for data in x:
            try:
                yield np.trim_zeros(data.astype(np.int8), trim="b").tobytes().decode()
            except UnicodeDecodeError:
                yield ""
