"""The one place that catches: our errors, click's, a closed pipe, Ctrl-C."""
from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable
from typing import Any

import click

from ..errors import EXIT_GRAPH, EXIT_USAGE, GraphError, UsageError, bug, nearest, reason_of
from ..source import width

EXIT_INTERRUPTED = 130


def _pipe_closed() -> bool:
    """Whether click has met a closed pipe and put its silent wrapper around stdout."""
    return type(sys.stdout).__name__.endswith("PacifyFlushWrapper")


def guarded(call: Callable[[], Any]) -> int:
    """What ``call`` comes to as an exit status, with its error told on stderr."""
    try:
        _fill_streams()
        result = call()
        if _pipe_closed():
            return 0
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        return _tell(_retold(error), error)
    except GraphError as error:
        return _tell(error, error)
    except (KeyboardInterrupt, click.Abort) as stop:
        # below the ^C of the terminal; click has begun a line already
        print("stopped" if isinstance(stop, click.Abort) else "\nstopped", file=sys.stderr)
        return EXIT_INTERRUPTED
    except SystemExit:
        # click turns a closed pipe into an exit of its own
        if not _pipe_closed():
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except BrokenPipeError:
        # whoever read our output has gone: there is nobody to tell; Python must not try to flush again
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        if not _is_output(error):
            return _tell(bug(error), error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _tell(UsageError(f"cannot write to standard output: {reason_of(error)}"), error)
    except RecursionError as error:
        return _tell(GraphError("nested too deeply"), error)
    except MemoryError as error:
        return _tell(GraphError("there is not enough memory for this" + (f": {error}" if str(error) else "")), error)
    except Exception as error:
        return _tell(bug(error), error)


def _fill_streams() -> None:
    """Gives a standard stream that the shell closed (``>&-``) a null device: Python has None in its place, and a
    file that is opened next would take its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
            setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8", closefd=False))


def _is_output(error: OSError) -> bool:
    """Whether it is standard output that takes no more: a full disk behind a redirection."""
    return error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def _tell(error: GraphError, cause: BaseException) -> int:
    if os.environ.get("GRAPHCLI_TRACEBACK") not in (None, "", "0"):
        import traceback

        traceback.print_exception(cause, file=sys.stderr)
    try:
        sys.stdout.flush()
        print(_written(error.render(), sys.stderr.encoding or "utf-8"), file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError:
        # standard error is full: nowhere is left to say it
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return error.exit_code


def _written(text: str, encoding: str) -> str:
    """A text as a stream of this encoding can write it; no name of a stranger's file steers the terminal."""
    from .render import safe

    text = safe(text.encode("utf-8", "backslashreplace").decode("utf-8"))
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        return "\n".join(map(_in_ascii, text.split("\n")))


def _in_ascii(line: str) -> str:
    """A line for a terminal of ASCII: a line of the user's file keeps its columns, for the carets below it."""
    if re.match(r" *\d+ \| ", line):
        return "".join(c if c.isascii() else "?" * width(c) for c in line)
    return line.encode("ascii", "backslashreplace").decode("ascii")


def _plainer(message: str) -> str:
    """click's words for a bad number, without its notation."""
    message = message.replace("is not a valid integer range", "is not a whole number")
    message = message.replace("is not a valid integer", "is not a whole number")
    message = re.sub("is not a valid float( range)?", "is not a number", message)
    message = re.sub(r"(\S+) is not in the range (\S+)<=x<(?!=)(\S+)", r"\1 is out of range: \2 to less than \3",
                     message)
    message = re.sub(r"(\S+) is not in the range x>=(\S+)", r"\1 is too small, the least is \2", message)
    return re.sub(r"(\S+) is not in the range (\S+)<=x<=(\S+)", r"\1 is out of range: \2 to \3", message)


def _retold(error: click.ClickException) -> GraphError:
    """click's error in our form."""
    context = getattr(error, "ctx", None)
    hint = None
    message = error.format_message().strip().rstrip(".")
    if isinstance(error, click.NoSuchOption):
        message = f"unknown option {error.option_name!r}"
        known = [o for p in context.command.params for o in p.opts if o[:2] == "--"] if context else []
        named = next((w for w in sys.argv[1:] if w.startswith(error.option_name) and os.path.exists(w)), None)
        near = nearest(error.option_name.lstrip("-"), [o.lstrip("-") for o in (*known, "--help")])
        hint = f"a file is named so: ./{named}" if named else f"did you mean '--{near}'?" if near else None
    elif isinstance(error, click.BadOptionUsage) and context is not None and (
            asked := next((p for p in context.command.params if error.option_name in p.opts), None)) is not None:
        values = f"{asked.nargs} values" if asked.nargs > 1 else "a value"
        takes = isinstance(asked, click.Option) and not asked.is_flag
        message = f"{error.option_name} needs {values}" if takes else f"{error.option_name} takes no value"
        kind = asked.metavar or "|".join(map(str, getattr(asked.type, "choices", ()))) or asked.type.name.upper()
        hint = f"{error.option_name} {kind}" if takes else None
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        name = error.param.human_readable_name if error.param.param_type_name == "argument" else error.param.opts[0]
        message = f"{name} is missing"
    elif isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param.human_readable_name if error.param.param_type_name == "argument" else error.param.opts[0]
        message = f"{name}: {_plainer(error.message.strip().rstrip('.'))}"
    elif message.lower().startswith("got unexpected extra argument") and context is not None and any(
            "--feed" in p.opts for p in context.command.params):
        hint = "names follow --fetch, values --feed NAME='VALUE' in quotes and without a space beside the ="
    if isinstance(error, click.UsageError):
        told: GraphError = UsageError(message[:1].lower() + message[1:] if message[1:2].islower() else message,
                                      hint=hint)
        if context is not None:
            told.note(" ".join(context.command.get_usage(context).split()).replace("Usage:", "usage:"))
        return told
    told = GraphError(message)
    told.exit_code = EXIT_USAGE if error.exit_code == EXIT_USAGE else EXIT_GRAPH
    return told
