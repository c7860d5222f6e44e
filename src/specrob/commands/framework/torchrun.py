"""Which process of torchrun this is, before torch is imported."""

import os


def is_rank_zero() -> bool:
    """Return whether this process talks and writes: of those of torchrun, only the first."""
    return not under_torchrun() or os.environ.get("RANK") == "0"


def under_torchrun() -> bool:
    """Return whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ
