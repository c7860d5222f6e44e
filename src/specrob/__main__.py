"""The program ``specrob``, also run as ``python -m specrob``."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it in one line while it is still being imported, too."""
    try:
        from specrob.cli import main as run
    except (KeyboardInterrupt, RuntimeError) as error:
        if KeyboardInterrupt not in (type(error), type(error.__cause__)):
            raise
        sys.stderr.write("specrob: interrupted\n")
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
