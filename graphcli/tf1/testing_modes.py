"""What tests say of the modes that they run in (tensorflow.python.framework.test_util): there is one, of graphs."""
from __future__ import annotations

import inspect
import unittest
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

from ..errors import InvalidValue
from .context import device as device_scope

EXPORTS = """
python.framework.test_util: run_in_graph_and_eager_modes run_all_in_graph_and_eager_modes run_deprecated_v1
python.framework.test_util: deprecated_graph_mode_only=run_deprecated_v1 run_v1_only run_v2_only run_gpu_only
python.framework.test_util: run_cuda_only=run_gpu_only assert_no_new_tensors=as_it_is device use_gpu force_gpu
python.framework.test_util: assert_no_garbage_created=as_it_is also_run_as_tf_function=as_it_is
python.framework.test_util: assert_no_new_pyobjects_executing_eagerly=as_it_is force_cpu assert_ops_in_graph
python.framework.test_util: IsGoogleCudaEnabled=is_built_with_cuda IsMklEnabled=is_built_with_cuda
python.framework.test_util: disable_xla=no_remark no_xla_auto_jit=no_remark disable_control_flow_v2=no_remark
python.framework.test_util: enable_control_flow_v2=as_it_is assert_equal_graph_def
test: assert_equal_graph_def
"""

Test = Callable[..., Any]


def is_built_with_cuda() -> bool:
    """Whether ops are built for a GPU: they are not."""
    return False


def as_it_is(test: Any) -> Any:
    """A test that runs as it is, for what is asked of it is so here."""
    return test


def no_remark(description: Any) -> Callable[[Any], Any]:
    """Tests that run as they are, whatever is said of them."""
    return as_it_is


def run_in_graph_and_eager_modes(func: Any = None, config: Any = None, use_gpu: bool = True, reset_test: bool = True,
                                 assert_no_eager_garbage: bool = False) -> Any:
    """A test that runs in a session of its own, ``test_session``. Raises InvalidValue for a class."""
    def decorated(test: Test) -> Test:
        if inspect.isclass(test):
            raise InvalidValue("`run_in_graph_and_eager_modes` only supports test methods. Did you mean to use "
                               "`run_all_in_graph_and_eager_modes`?")

        @wraps(test)
        def run(self: Any, *args: Any, **kwargs: Any) -> None:
            with self.test_session(use_gpu=use_gpu, config=config):
                test(self, *args, **kwargs)

        return run

    return decorated if func is None else decorated(func)


def run_all_in_graph_and_eager_modes(cls: Any) -> Any:
    """run_in_graph_and_eager_modes of all tests of a class."""
    for name, value in list(vars(cls).items()):
        if callable(value) and name.startswith("test") and not name.startswith(("testSkipEager", "test_skip_eager")) \
                and name != "test_session":
            setattr(cls, name, run_in_graph_and_eager_modes(value))
    return cls


def run_deprecated_v1(func: Any = None) -> Any:
    """A test that is of graphs alone, as all are here."""
    return as_it_is if func is None else func


def run_v1_only(reason: str, func: Any = None) -> Any:
    """A test of TensorFlow 1 alone, as all are here. Raises InvalidValue where no reason is said."""
    if not isinstance(reason, str):
        raise InvalidValue(f"'reason' should be string, got {type(reason)}")
    return run_deprecated_v1(func)


def _skipped(reason: str) -> Callable[..., Any]:
    def mark(func: Any = None) -> Any:
        def decorated(test: Test) -> Test:
            @wraps(test)
            def run(self: Any, *args: Any, **kwargs: Any) -> None:
                raise unittest.SkipTest(reason)

            return run

        return decorated if func is None else decorated(func)

    mark.__doc__ = f"A test that is skipped: {reason}."
    return mark


run_v2_only = _skipped("Test is only compatible with v2")
run_gpu_only = _skipped("Test requires GPU")


def device(use_gpu: bool) -> AbstractContextManager[None]:
    """Nodes made inside ask for the CPU, for there is no GPU to be used."""
    return device_scope("/device:CPU:0")


def use_gpu() -> AbstractContextManager[None]:
    """device(use_gpu=True)."""
    return device(True)


force_gpu = use_gpu


def force_cpu() -> AbstractContextManager[None]:
    """device(use_gpu=False)."""
    return device(False)


def assert_ops_in_graph(expected_ops: dict[str, str], graph: Any) -> dict[str, Any]:
    """The nodes of these names. Raises InvalidValue where one is missing, or is of another type."""
    found = {node.name: node for node in graph.as_graph_def().node if node.name in expected_ops}
    for name, node in found.items():
        if node.op != expected_ops[name]:
            raise InvalidValue(f"Expected op for node {name} is different. {expected_ops[name]} vs {node.op}")
    if missing := expected_ops.keys() - found.keys():
        raise InvalidValue(f"Not all expected ops are present: {sorted(missing)} are missing")
    return found


def assert_equal_graph_def(actual: Any, expected: Any, checkpoint_v2: bool = False,
                           hash_table_shared_name: bool = False) -> None:
    """Raises AssertionError where two GraphDefs differ in more than the order of nodes.

    checkpoint_v2, hash_table_shared_name: what is made anew in each graph is left out, but is not here.
    """
    def nodes(graph_def: Any) -> dict[str, Any]:
        if not hasattr(graph_def, "node"):
            raise TypeError(f"Expected tf.GraphDef for actual, got {type(graph_def).__name__}")
        kept = {}
        for node in graph_def.node:
            kept[node.name] = copy = type(node)()
            copy.CopyFrom(node)
            data = [name for name in node.input if not name.startswith("^")]
            del copy.input[:]
            copy.input.extend(data + sorted(set(node.input) - set(data)))
        return kept

    ours, theirs = nodes(actual), nodes(expected)
    if ours.keys() != theirs.keys():
        raise AssertionError(f"Not all nodes are in both graphs: {sorted(ours.keys() ^ theirs.keys())}")
    for name, node in ours.items():
        if node != theirs[name]:
            raise AssertionError(f"{name} differs: {node}\n{theirs[name]}")
