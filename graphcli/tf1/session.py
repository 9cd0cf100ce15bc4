"""tf.Session for TF1 code: the engine's own session.

The engine lies above ``tf1`` and may import it; this file alone reaches up, when a session is
asked for and not before, so that code which says ``tf.Session()`` runs.
"""
from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Graph

EXPORTS = """
tf: Session InteractiveSession get_default_session ConfigProto GPUOptions GraphOptions OptimizerOptions
core.protobuf.config_pb2: RPCOptions ThreadPoolOptionProto
core.protobuf.rewriter_config_pb2: RewriterConfig AutoParallelOptions
"""

MESSAGES = ("ConfigProto", "GPUOptions", "GraphOptions", "OptimizerOptions", "RPCOptions", "ThreadPoolOptionProto",
            "RewriterConfig", "AutoParallelOptions")


def _engine(file: str) -> Any:
    return importlib.import_module(f"graphcli.engine.{file}")


def __getattr__(name: str) -> Any:
    """The messages of settings. allow_soft_placement, intra_op_parallelism_threads and
    operation_timeout_in_ms of a ConfigProto count."""
    if name not in MESSAGES:
        raise AttributeError(name)
    from ..wire.messages import message

    return message(name)


@cache
def _session_class() -> Any:
    """The engine's session with the arguments of TensorFlow's."""
    def __init__(self: Any, target: str = "", graph: Any = None, config: Any = None) -> None:
        if graph is not None and not isinstance(graph, Graph):
            raise InvalidType(f"a session is of a tf.Graph, not of a {type(graph).__name__}")
        if config is not None and not hasattr(config, "allow_soft_placement"):
            raise InvalidType(f"the config of a session is a tf.ConfigProto, not a {type(config).__name__}")
        soft = bool(getattr(config, "allow_soft_placement", False))
        threads = getattr(config, "intra_op_parallelism_threads", None) or None
        engine.__init__(self, graph, soft_placement=soft, threads=threads, names=_engine("names").OperationNames,
                        timeout=getattr(config, "operation_timeout_in_ms", 0))

    engine = _engine("session").Session
    return type("Session", (engine,), {"__init__": __init__, "__doc__": engine.__doc__, "__module__": __name__})


class _Sessions(type):
    """Makes tf.Session a class whose instances, and those of classes that derive from it, are the engine's sessions."""

    def __new__(cls, name: str, bases: tuple[Any, ...], space: dict[str, Any]) -> Any:
        if any(isinstance(base, _Sessions) for base in bases):
            return type(name, tuple(_session_class() if isinstance(base, _Sessions) else base for base in bases), space)
        return super().__new__(cls, name, bases, space)

    def __call__(cls, target: str = "", graph: Any = None, config: Any = None) -> Any:
        return _session_class()(target, graph, config)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _engine("session").Session)


class _Interactive(_Sessions):
    def __call__(cls, target: str = "", graph: Any = None, config: Any = None) -> Any:
        session = super().__call__(target, graph, config)
        _engine("default").push(session)
        return session


class Session(metaclass=_Sessions):
    """A session of a graph, the default one if None (tf.Session). target is not used; config: a ConfigProto."""


class InteractiveSession(metaclass=_Interactive):
    """A session that is the default one until it is closed (tf.InteractiveSession)."""


def get_default_session() -> Any:
    """The innermost session of a ``with``, None outside (tf.get_default_session)."""
    return _engine("default").get_default_session()


def default_session(what: str) -> Any:
    """The default session. Raises InvalidValue if there is none."""
    session = get_default_session()
    if session is None:
        raise InvalidValue(f"{what}() needs a session: there is no default one",
                           hint="with tf.Session() as sess: … makes one")
    return session
