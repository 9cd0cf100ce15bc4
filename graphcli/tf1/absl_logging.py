"""Messages of programs as ``absl.logging`` writes them: a letter, the time, the line of the program."""
from __future__ import annotations

import logging as _logging
from typing import Any

from .logging import times_before

DEBUG, INFO, WARNING, ERROR, FATAL = 1, 0, -1, -2, -3
WARN = WARNING
LEVELS = {DEBUG: _logging.DEBUG, INFO: _logging.INFO, WARNING: _logging.WARNING, ERROR: _logging.ERROR,
          FATAL: _logging.CRITICAL}
NAMES = {"debug": DEBUG, "info": INFO, "warn": WARNING, "warning": WARNING, "error": ERROR, "fatal": FATAL}


def get_absl_logger() -> _logging.Logger:
    logger = _logging.getLogger("absl")
    if not logger.handlers:
        handler = _logging.StreamHandler()
        line = "%(levelname).1s%(asctime)s.%(msecs)03d000 %(thread)d %(filename)s:%(lineno)d] %(message)s"
        handler.setFormatter(_logging.Formatter(line, "%m%d %H:%M:%S"))
        logger.addHandler(handler)
        logger.propagate = False
        logger.setLevel(_logging.WARNING)
    return logger


def _level(level: Any) -> int:
    """The level of the standard library. Raises ValueError for a word that is none."""
    if isinstance(level, str):
        if level.lower() not in NAMES:
            raise ValueError(f"there is no level {level!r}; there are {', '.join(NAMES)}")
        level = NAMES[level.lower()]
    return LEVELS.get(level, _logging.DEBUG - int(level) + 1)


def log(level: Any, msg: Any, *args: Any, **kwargs: Any) -> None:
    get_absl_logger().log(_level(level), msg, *args, stacklevel=2 + kwargs.pop("_above", 0), **kwargs)


vlog = log


def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    log(DEBUG, msg, *args, _above=1, **kwargs)


def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    log(INFO, msg, *args, _above=1, **kwargs)


def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    log(WARNING, msg, *args, _above=1, **kwargs)


warn = warning


def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    log(ERROR, msg, *args, _above=1, **kwargs)


def exception(msg: Any, *args: Any, exc_info: Any = True, **kwargs: Any) -> None:
    log(ERROR, msg, *args, exc_info=exc_info, _above=1, **kwargs)


def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """A message, and the end of the program."""
    log(FATAL, msg, *args, _above=1, **kwargs)
    raise SystemExit(1)


def log_if(level: Any, msg: Any, condition: Any, *args: Any) -> None:
    """A message where the condition holds."""
    if condition:
        log(level, msg, *args, _above=1)


def log_first_n(level: Any, msg: Any, n: int, *args: Any) -> None:
    """A message the first ``n`` times that this line of the program has one."""
    if times_before() < n:
        log(level, msg, *args, _above=1)


def log_every_n(level: Any, msg: Any, n: int, *args: Any) -> None:
    """A message each ``n``-th time that this line of the program has one."""
    if times_before() % n == 0:
        log(level, msg, *args, _above=1)


def set_verbosity(v: Any) -> None:
    """Messages of this level and above are shown."""
    get_absl_logger().setLevel(_level(v))


def get_verbosity() -> int:
    level = get_absl_logger().level
    return next((ours for ours, theirs in LEVELS.items() if theirs == level), INFO)


def set_stderrthreshold(s: Any) -> None:
    """Nothing: all messages go to the standard error."""


def use_absl_handler() -> None:
    """Nothing: messages are written as absl's handler does from the start."""


def __getattr__(name: str) -> Any:
    """The handler, which programs take from the root logger."""
    if name == "_absl_handler":
        return get_absl_logger().handlers[0]
    raise AttributeError(name)


def flush() -> None:
    for handler in get_absl_logger().handlers:
        handler.flush()
