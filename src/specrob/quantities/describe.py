"""The few numbers that a person wants to know of an artifact."""

import json
import math
import re
from typing import Any

from specrob.artifacts import Artifact, Provenance
from specrob.artifacts.formats import SCHEMA
from specrob.grammar import format_number
from specrob.quantities.summaries import SUMMARIES, Facts

CHANGED = (0, 2)  # the first version whose commands give other numbers than those before


def summarize(artifact: Artifact) -> Facts:
    """Return what matters of an artifact, in the order in which it should be read.

    >>> import numpy as np
    >>> summarize(Artifact("arrays", {"x": np.zeros((2, 3))}))
    {'x': 'float64 (2, 3)'}
    """
    return SUMMARIES[artifact.kind](artifact)


def sentence(facts: Facts) -> str:
    """Return facts as one line.

    >>> sentence({"units": 200, "test accuracy": 0.51234, "alpha": None})
    'units 200, test accuracy 0.5123, alpha none'
    """
    return ", ".join(f"{name} {format_number(value)}" for name, value in facts.items())


def describe(artifact: Artifact) -> str:
    """Return kind, numbers, history and the commands that make an artifact again.

    >>> "arrays, schema 1" in describe(Artifact("arrays"))
    True
    """
    facts: Facts = {"kind": f"{artifact.kind}, schema {SCHEMA}", "digest": artifact.digest}
    facts |= summarize(artifact)
    lines = [f"{name:24} {format_number(value)}" for name, value in facts.items()]
    lines += ["", *_history(artifact.provenance)] if artifact.provenance.command else []
    lines += ["", line] if (line := outdated(artifact.provenance)) else []
    if script := artifact.provenance.script():
        lines += ["", "made again by:", *(f"  {line}" for line in script)]
    return "\n".join(lines)


def outdated(run: Provenance) -> str:
    """Return a line where a version whose commands gave other numbers has a part in it.

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


def _is_before(version: str, other: tuple[int, ...]) -> bool:
    """Return whether a version is an earlier one; what is no version is none.

    >>> _is_before("0.1.12", (0, 2)), _is_before("0.10", (0, 2)), _is_before("x", (0, 2))
    (True, False, False)
    """
    match = re.match(r"(\d+)\.(\d+)", version)
    return bool(match) and tuple(map(int, match.groups())) < other


def _history(run: Provenance) -> list[str]:
    """Return what is known of a run and of those that it came from, indented."""
    where = {"seed": run.seed, "device": run.device, "precision": run.precision}
    said = [f"{name} {value}" for name, value in where.items() if value is not None]
    lines = [f"{' '.join(run.command[:2])}: " + ", ".join([f"specrob {run.version}", *said])]
    if run.data:
        lines.append(f"  images: {run.data.name} ({run.data.source})")
        lines += [f"  {split}: SHA-256 {digest}" for split, digest in run.data.digests.items()]
    for source in run.inputs:
        lines.append(f"  read a {source.kind}, SHA-256 {source.digest}")
        if source.provenance.command:
            lines += [f"    {line}" for line in _history(source.provenance)]
    return lines


def describe_json(artifact: Artifact) -> str:
    """Return the same as one JSON object; infinite and undefined numbers are null.

    >>> import numpy as np
    >>> json.loads(describe_json(Artifact("arrays", {"x": np.zeros(3)})))["summary"]
    {'x': 'float64 (3,)'}
    """
    whole = {
        "kind": artifact.kind,
        "digest": artifact.digest,
        "summary": {name: _finite(value) for name, value in summarize(artifact).items()},
        "outdated": outdated(artifact.provenance) or None,
        "provenance": artifact.provenance.to_json(),
        "script": artifact.provenance.script(),
    }
    return json.dumps(whole, indent=2)


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
