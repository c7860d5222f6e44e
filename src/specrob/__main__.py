"""The program ``specrob``, also run as ``python -m specrob``."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it in one line from the first moment on."""
    try:
        from specrob.cli import main as run

        run()
    except KeyboardInterrupt:  # before a command has begun, or after it has ended
        sys.stderr.write("specrob: interrupted\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
