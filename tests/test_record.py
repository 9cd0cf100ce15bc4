"""Records: what is given, what is taken, and what is refused."""
from __future__ import annotations

from typing import ClassVar

import pytest

from graphcli.record import Record, field


class Point(Record):
    kind: ClassVar[str] = "plane"
    x: int
    y: int = 0
    how: object = abs


class Marked(Point):
    marks: list[str] = field(factory=list)


class Counter(Record, frozen=False):
    count: int = 0


class Thing(Record, eq=False):
    x: int


def test_fields_are_given_by_place_or_by_name() -> None:
    assert Point(1) == Point(x=1, y=0) == Point(1, y=0)
    assert Point(1, 2) != Point(1, 3)
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert repr(Point(1, 2)) == f"Point(x=1, y=2, how={abs!r})"


def test_a_default_that_is_a_function_is_not_a_method() -> None:
    assert Point(1).how is abs


def test_each_record_has_a_fresh_default_of_its_own() -> None:
    first, second = Marked(1), Marked(1)
    first.marks.append("a")
    assert (first.marks, second.marks) == (["a"], [])
    assert Marked(1, 2, abs, ["b"]).marks == ["b"]


def test_records_of_two_classes_differ() -> None:
    assert Marked(1) != Point(1)


@pytest.mark.parametrize(("args", "kwargs", "message"), [
    ((), {}, "Point() is not given x"),
    ((1, 2, 3, 4), {}, "Point() takes 3 arguments, not 4"),
    ((1,), {"z": 2}, "Point() has no field 'z'"),
    ((1,), {"x": 2}, "Point() is given 'x' twice"),
    ((), {"kind": "solid", "x": 1}, "Point() has no field 'kind'"),
], ids=str)
def test_arguments_that_are_not_the_fields_are_refused(args: tuple[int, ...], kwargs: dict[str, int],
                                                       message: str) -> None:
    with pytest.raises(TypeError) as caught:
        Point(*args, **kwargs)
    assert str(caught.value) == message


def test_a_record_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="a Point cannot be changed: x"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="a Point cannot be changed: y"):
        del point.y
    assert point.replace(x=2) == Point(2)
    assert point == Point(1)


def test_one_that_is_not_frozen_can_be_changed_and_has_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)
    with pytest.raises(TypeError):
        hash(counter)


def test_one_without_equality_equals_itself_alone() -> None:
    thing = Thing(1)
    assert thing != Thing(1)
    assert {thing: 1}[thing] == 1
