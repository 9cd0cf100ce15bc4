"""tf.Session for TF1 code: the engine's own session.

The engine lies above ``tf1`` and may import it; this file alone reaches up, when a session is
asked for and not before, so that code which says ``tf.Session()`` runs.
"""
from __future__ import annotations

import importlib
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Graph

EXPORTS = """
tf: Session InteractiveSession get_default_session ConfigProto GPUOptions GraphOptions OptimizerOptions
"""


def _engine(file: str) -> Any:
    return importlib.import_module(f"graphcli.engine.{file}")


class Options:
    """A message of settings, as TF1 code makes them. What has no meaning here is taken and not used."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        inner = self.__dict__[name] = Options()
        return inner

    def __getitem__(self, key: str) -> Any:
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, key, value)

    def __bool__(self) -> bool:
        return bool(self.__dict__)


class ConfigProto(Options):
    """Settings of a session (tf.ConfigProto): allow_soft_placement and intra_op_parallelism_threads count."""


class GPUOptions(Options):
    """Settings of GPUs (tf.GPUOptions); none counts."""


class GraphOptions(Options):
    """Settings of how graphs are run (tf.GraphOptions); none counts."""


class OptimizerOptions(Options):
    """Settings of TensorFlow's own optimizations of graphs (tf.OptimizerOptions); none counts."""

    L1, L0 = 0, -1
    DEFAULT, OFF, ON_1, ON_2 = 0, -1, 1, 2


class _Sessions(type):
    """Makes tf.Session a class whose instances are the engine's sessions."""

    def __call__(cls, target: str = "", graph: Any = None, config: Any = None) -> Any:
        if graph is not None and not isinstance(graph, Graph):
            raise InvalidType(f"a session is of a tf.Graph, not of a {type(graph).__name__}")
        if config is not None and not hasattr(config, "allow_soft_placement"):
            raise InvalidType(f"the config of a session is a tf.ConfigProto, not a {type(config).__name__}")
        soft = bool(getattr(config, "allow_soft_placement", False))
        threads = getattr(config, "intra_op_parallelism_threads", None) or None
        return _engine("session").Session(graph, soft_placement=soft, threads=threads,
                                          names=_engine("names").OperationNames)

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
