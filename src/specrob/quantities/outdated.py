"""Which artifacts were made by versions that gave other numbers."""

import re

from specrob.artifacts import Provenance

CHANGED = (0, 2)  # the first version whose commands give other numbers than those before


def outdated(run: Provenance) -> str:
    """Return a line if it was made by, or from results of, a version that gave other numbers.

    >>> outdated(Provenance(version="0.1.0"))[:21], outdated(Provenance(version="0.2.3"))
    ('made by specrob 0.1.0', '')
    """
    older = sorted(version for version in run.versions() if _is_before(version, CHANGED))
    if not older:
        return ""
    made = "made by" if _is_before(run.version, CHANGED) else "made from results of"
    return (
        f"{made} specrob {' and '.join(older)}: its commands give other numbers since "
        f"{'.'.join(map(str, CHANGED))}.0, see docs/changes.md"
    )


def _is_before(version: str, other: tuple[int, int]) -> bool:
    """Return whether a version is an earlier one; False for what is no version.

    >>> _is_before("0.1.12", (0, 2)), _is_before("0.10", (0, 2)), _is_before("x", (0, 2))
    (True, False, False)
    """
    match = re.match(r"(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) < other
