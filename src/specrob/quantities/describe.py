"""An artifact in words for people, and as JSON for scripts."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from specrob.artifacts import Artifact, Provenance, to_result
from specrob.artifacts.contract import record_of
from specrob.artifacts.formats import SCHEMA
from specrob.grammar import format_number
from specrob.printable import printable
from specrob.quantities.facts import Facts, facts_of, warnings_of
from specrob.quantities.outdated import outdated
from specrob.quantities.quantity import FEW_RADII, Value, fill
from specrob.quantities.table import quantities_of


def summarize(artifact: Artifact) -> dict[str, str]:
    """Return facts and numbers, without details and warnings: what a command says of its result.

    >>> import numpy as np
    >>> summarize(Artifact("arrays", {"x": np.zeros((2, 3))}))
    {'x': 'float64 (2, 3)'}
    """
    values = [replace(one, warnings=()) for one in _main_values(artifact)]
    return {name: text for name, text in _lines(artifact, values).items() if name != "warning"}


def warnings_about(artifact: Artifact) -> list[str]:
    """Return the warnings of a result, and of the numbers that its summary has.

    >>> warnings_about(Artifact("arrays"))
    []
    """
    doubtful = _by_labels(one for one in _main_values(artifact) if one.warnings)
    numbers = [f"{title_of(one)}: {', '.join(one.warnings)}" for one in doubtful]
    return [*warnings_of(to_result(artifact, record_of(artifact.kind))), *numbers]


def _main_values(artifact: Artifact) -> list[Value]:
    values = [one for one in quantities_of(artifact) if not one.quantity.is_detail]
    beyond_0 = [one for one in values if one.labels.get("eps") != 0]  # where nothing is perturbed
    return beyond_0 if any(one.labels.get("eps") for one in beyond_0) else values


def sentences(artifact: Artifact) -> list[str]:
    """Return what a command says of its result: a line, of exponents one for each layer.

    >>> sentences(Artifact("arrays"))
    ['']
    """
    values = _main_values(artifact) if artifact.kind == "power-law" else []
    layers = dict.fromkeys(str(one.labels["layer"]) for one in values)
    if len(layers) < 2:
        return [sentence(summarize(artifact))]
    plain = [(str(one.labels["layer"]), replace(one, warnings=())) for one in values]
    own = [{title_of(x): text_of(x) for at, x in plain if at == layer} for layer in layers]
    return [sentence(facts) for facts in own]


def sentence(facts: dict[str, str]) -> str:
    """Return facts as one line; a colon parts a number from one at the end of its name.

    >>> sentence({"units": "200", "fooled at 0.1": "5", "norm of block1": "2"})
    'units 200, fooled at 0.1: 5, norm of block1 2'
    """
    marks = {name: ":" * bool(re.search(r"(^| )[0-9./e-]+$", name)) for name in facts}
    return ", ".join(f"{name}{marks[name]} {value}" for name, value in facts.items())


def _lines(artifact: Artifact, values: Iterable[Value]) -> dict[str, str]:
    facts = {name: format_number(value) for name, value in facts_of(artifact).items()}
    return facts | {title_of(one): text_of(one) for one in _by_labels(values)}


def title_of(one: Value) -> str:
    """Return the title of a number within its artifact, whose attack is a fact."""
    return fill(one.quantity.title, one.labels, ["attack"])


def text_of(one: Value) -> str:
    """Return a number with its error or interval, and its note.

    >>> from specrob.results import JacobianNorms, Smoothness
    >>> row = JacobianNorms(layer="latent", mean=2, stderr=0.5, median=2, min=1, max=3)
    >>> facts = {"spectral_norm": None, "frobenius_norm": None, "n_images": 9}
    >>> (norm,) = quantities_of(Smoothness(jacobian=(row,), **facts))
    >>> text_of(norm)
    '2 +- 0.5 (median 2, 1 to 3)'
    """
    error = "" if one.error is None else f" +- {one.error:.2g}"
    interval = f"95% interval {format_number((one.low, one.high))}"
    is_shown = one.low is not None and one.error is None
    notes = ", ".join(filter(None, (interval if is_shown else "", one.remarks)))
    return f"{format_number(one.value)}{error}" + (f" ({notes})" if notes else "")


def _by_labels(values: Iterable[Value]) -> list[Value]:
    """Return what has the same labels one after the other; of many radii a few, with the ends."""
    groups: dict[str, list[Value]] = {}
    for one in values:
        groups.setdefault(repr(one.labels), []).append(one)
    ordered = [one for group in groups.values() for one in group]
    radii = sorted({float(one.labels["eps"]) for one in ordered if "eps" in one.labels})
    step = max((len(radii) - 1) / (FEW_RADII - 1), 1)
    shown = [radii[round(n * step)] for n in range(min(len(radii), FEW_RADII))]
    return [one for one in ordered if one.labels.get("eps") in (None, *shown)]


def describe(artifact: Artifact, before: Mapping[str, str] | None = None) -> str:
    """Return kind, numbers, history and the commands to reproduce an artifact.

    Parameters
    ----------
    artifact : Artifact
    before : mapping, optional
        Facts that stand at the head.

    Examples
    --------
    >>> "arrays, schema 1" in describe(Artifact("arrays"))
    True
    """
    facts = {**(before or {}), "kind": f"{artifact.kind}, schema {SCHEMA}"}
    facts |= {"digest": artifact.digest}
    facts |= _lines(artifact, quantities_of(artifact))
    width = max(map(len, facts)) + 1
    lines = [f"{name:{width}} {value}" for name, value in facts.items()]
    lines += ["", *_history(artifact.provenance)] if artifact.provenance.command else []
    lines += ["", line] if (line := outdated(artifact.provenance)) else []
    if script := artifact.provenance.script():
        lines += ["", "reproduce with:", *(f"  {line}" for line in script)]
    return "\n".join(map(printable, lines))


def describe_all(named: Sequence[tuple[str, Artifact]], *, as_json: bool = False) -> str:
    """Return one artifact in words or as JSON; of several a block each, or an array, with names.

    >>> describe_all([("a", Artifact("arrays")), ("b", Artifact("arrays"))]).split()[:2]
    ['file', 'a']
    """
    if len(named) == 1:
        ((_, artifact),) = named
        return describe_json(artifact) if as_json else describe(artifact)
    if as_json:
        return json.dumps([{"file": name, **_whole(one)} for name, one in named], indent=2)
    return "\n\n".join(describe(artifact, {"file": name}) for name, artifact in named)


def _history(run: Provenance) -> list[str]:
    """Return a line for a run and for those that it came from, indented."""
    where = {"seed": run.seed, "device": run.device, "precision": run.precision}
    known = [f"{name} {value}" for name, value in where.items() if value is not None]
    lines = [f"{' '.join(run.command[:2])}: " + ", ".join([f"specrob {run.version}", *known])]
    lines += [f"  begun with {other}" for other in run.begun_with]
    lines += [f"  the network's code, SHA-256 {run.code}"] if run.code else []
    if run.data:
        lines.append(f"  images: {run.data.name} ({run.data.source})")
        lines += [f"  {split}: SHA-256 {digest}" for split, digest in run.data.digests.items()]
    for source in run.inputs:
        lines.append(f"  read {source.kind}, SHA-256 {source.digest}")
        if source.provenance.command:
            lines += [f"    {line}" for line in _history(source.provenance)]
    return lines


def describe_json(artifact: Artifact) -> str:
    """Return the same as one JSON object; infinite and undefined numbers are null.

    >>> import numpy as np
    >>> json.loads(describe_json(Artifact("arrays", {"x": np.zeros(3)})))["summary"]
    {'x': 'float64 (3,)'}
    """
    return json.dumps(_whole(artifact), indent=2)


def _whole(artifact: Artifact) -> Facts:
    summary = facts_of(artifact)
    for one in _by_labels(quantities_of(artifact)):
        ends = None if one.low is None else (one.low, one.high)
        known: Facts = {"": one.value, ", standard error": one.error, ", 95% interval": ends}
        summary |= {title_of(one) + end: v for end, v in known.items() if v is not None or not end}
    return {
        "kind": artifact.kind,
        "digest": artifact.digest,
        "summary": {name: _finite(value) for name, value in summary.items()},
        "outdated": outdated(artifact.provenance) or None,
        "provenance": artifact.provenance.to_json(),
        "script": artifact.provenance.script(),
    }


def _finite(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
