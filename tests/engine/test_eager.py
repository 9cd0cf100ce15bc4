"""Define by run gives the numbers of define and run."""
from __future__ import annotations

import pytest

from graphcli.engine import Session
from graphcli.engine.eager import EagerRunner, NotRun
from graphcli.errors import RunError

from .toy import Toy


def test_statements_run_as_they_are_made() -> None:
    toy = Toy()
    runner = EagerRunner(toy.graph, {"x": [1.0, 2.0]})
    x = toy.input("x", (2,))
    assert runner.statement("x", x).tolist() == [1, 2]
    y = toy.add(x, x, "y")
    assert runner.statement("y", y).tolist() == [2, 4]
    bad = toy.op("ToyFail", y, name="bad")
    with pytest.raises(RunError, match="bad .ToyFail.: this never works"):
        runner.statement("bad", bad)


def test_what_is_not_fed_is_left_out() -> None:
    toy = Toy()
    runner = EagerRunner(toy.graph)
    x = toy.input("x", (2,))
    y = toy.add(x, x, "y")
    with pytest.raises(NotRun) as info:
        runner.statement("y", y)
    assert "needed by x -> y" in runner.explain(info.value, y).notes[0][0]
    z = toy.add(toy.const(1.0), toy.const(2.0), "z")
    assert runner.statement("z", z) == 3


def test_a_reader_sees_the_variable_as_its_order_says() -> None:
    toy = Toy()
    runner = EagerRunner(toy.graph)
    v = toy.variable("v", [1.0])
    runner.statement("v", v)
    inc = toy.op("ToyInc", v.ref, toy.const([1.0]), name="inc")
    runner.statement("inc", inc)
    twice = toy.op("ToyInc", v.ref, toy.const([5.0]), name="twice")
    runner.statement("twice", twice)
    old = toy.op("ToyFlip", v.read, name="old")
    new = toy.op("ToyAdd", v.read, v.read, name="new", after=[inc.op])
    names = [inc, twice, old, new, v, v.read]
    got = [runner.statement(None, t) for t in names]
    session = Session(toy.graph)
    session.initialize()
    assert [g.tolist() for g in got] == [w.tolist() for w in session.run(names)]
    assert got[3].tolist() == [4.0]


def test_initializers_run_once_and_apart() -> None:
    toy = Toy()
    runner = EagerRunner(toy.graph)
    count = toy.op("ToyCount", name="count")
    v = toy.variable("v", count)
    assert runner.statement("v", v) == 1
    assert runner.statement("count", count) == 2
