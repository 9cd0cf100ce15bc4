"""Messages of programs on the standard error (tf.logging)."""
from __future__ import annotations

import logging as _logging
import sys
from typing import Any

EXPORTS = """
logging: DEBUG INFO WARN ERROR FATAL debug info warn warning error fatal log vlog log_if log_first_n log_every_n
logging: set_verbosity get_verbosity flush
tf: get_logger
"""

DEBUG, INFO, WARN, ERROR, FATAL = (_logging.DEBUG, _logging.INFO, _logging.WARNING, _logging.ERROR, _logging.FATAL)
_counts: dict[tuple[str, int], int] = {}


def get_logger() -> _logging.Logger:
    """The logger of ``tf.logging``, ``logging.getLogger("tensorflow")`` (tf.get_logger)."""
    logger = _logging.getLogger("tensorflow")
    if not logger.handlers:
        handler = _logging.StreamHandler()
        handler.setFormatter(_logging.Formatter("%(levelname)s:tensorflow:%(message)s"))
        logger.addHandler(handler)
        logger.setLevel(WARN)
    return logger


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().debug(msg, *args, **kwargs)


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().info(msg, *args, **kwargs)


def warn(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().warning(msg, *args, **kwargs)


warning = warn


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().error(msg, *args, **kwargs)


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().fatal(msg, *args, **kwargs)


def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    get_logger().log(level, msg, *args, **kwargs)


vlog = log


def log_if(level: int, msg: Any, condition: Any, *args: Any) -> None:
    """A message where the condition holds."""
    if condition:
        log(level, msg, *args)


def times_before(above: int = 2) -> int:
    """How often the line of the program that logs came before; it is ``above`` calls up."""
    frame = sys._getframe(above)
    line = frame.f_code.co_filename, frame.f_lineno
    count = _counts.get(line, 0)
    _counts[line] = count + 1
    return count


def log_first_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """A message the first ``n`` times that this line of the program has one."""
    log_if(level, msg, times_before() < n, *args)


def log_every_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """A message each ``n``-th time that this line of the program has one."""
    log_if(level, msg, times_before() % n == 0, *args)


def set_verbosity(v: int | str) -> None:
    """Messages of this level and above are shown."""
    get_logger().setLevel(v)


def get_verbosity() -> int:
    return get_logger().getEffectiveLevel()


def flush() -> None:
    for handler in get_logger().handlers:
        handler.flush()
