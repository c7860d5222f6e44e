"""Lines of a log whose steps a resumed run computes again."""

import json
from collections.abc import Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """How far a run is: attempts, then steps of an attempt."""

    attempt: int
    done: int


def without_repeated(
    lines: Sequence[bytes], what: str, seed: int, first: Step
) -> Sequence[bytes] | None:
    r"""Return the lines without those of a run from a step on; None where there are none of them.

    Runs that share a file are told apart by what they compute and by their seed. Only lines behind
    the last earlier step of this run count: those before it are of other, older runs.

    Examples
    --------
    >>> lines = [b'{"what": "epochs", "seed": 0, "done": %d}\n' % done for done in (1, 2, 3)]
    >>> without_repeated(lines, "epochs", 0, Step(0, 2)) == lines[:1]
    True
    """
    steps = [_step_of(line, what, seed) for line in lines]
    earlier = [at for at, step in enumerate(steps) if step is not None and step < first]
    behind = earlier[-1] + 1 if earlier else len(lines)
    kept = [line for at, line in enumerate(lines) if at < behind or steps[at] is None]
    return kept if len(kept) < len(lines) else None


def _step_of(text: bytes, what: str, seed: int) -> Step | None:
    """Return the step of a line of this run; None for other lines and broken ones."""
    try:
        line = json.loads(text)
        is_own = (line["what"], line["seed"]) == (what, seed)
        return Step(int(line.get("attempt") or 0), int(line["done"])) if is_own else None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
