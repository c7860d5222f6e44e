"""Run specrob as ``python -m specrob``."""

from specrob.cli import main

if __name__ == "__main__":
    main()
