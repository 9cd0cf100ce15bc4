"""``python -m graphcli`` and the command ``graphcli``: to be stopped while it is being loaded is no error either."""
import os
import sys


def main() -> int:
    """Runs the command line of this process and ends it; returns the exit status where Python is to end it."""
    try:
        from .cli.main import main as run

        status = run()
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    return _leave(status)


def _leave(status: int) -> int:
    """Ends the process at once: to take apart all that was loaded takes longer than many a command.

    Returns where something is left to do: output that cannot be written, a thread at work, a profiler.
    """
    import threading

    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return status
    if sys.gettrace() or sys.getprofile() or any(
            not t.daemon for t in threading.enumerate() if t is not threading.main_thread()):
        return status
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
