"""``python -m graphcli`` and the command ``graphcli``: to be stopped while it is being loaded is no error either."""
import sys


def main() -> int:
    try:
        from .cli.main import main as run

        return run()
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
