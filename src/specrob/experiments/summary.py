"""The few numbers that a person wants to know of an artifact."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from specrob.artifacts import Artifact, Provenance
from specrob.artifacts.kinds import SCHEMA

Facts = dict[str, Any]


def summarize(artifact: Artifact) -> Facts:
    """Return what matters of an artifact, in the order in which it should be read.

    >>> summarize(Artifact("arrays", {"x": np.zeros((2, 3))}))
    {'x': 'float64 (2, 3)'}
    """
    return SUMMARIES[artifact.kind](artifact)


def sentence(facts: Facts) -> str:
    """Return facts as one line.

    >>> sentence({"units": 200, "test accuracy": 0.51234, "alpha": None})
    'units 200, test accuracy 0.5123, alpha none'
    """
    return ", ".join(f"{name} {show(value)}" for name, value in facts.items())


def show(value: Any) -> str:
    """Return a value as people write it: four digits, none for nothing.

    >>> show([0.123456, math.inf]), show(None)
    ('0.1235 to not reached', 'none')
    """
    if isinstance(value, float):
        return "not reached" if value == math.inf else f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return " to ".join(show(v) for v in value)
    return "none" if value is None else str(value)


def describe(artifact: Artifact) -> str:
    """Return kind, numbers, history and the commands that make an artifact again.

    >>> "arrays, schema 1" in describe(Artifact("arrays"))
    True
    """
    facts: Facts = {"kind": f"{artifact.kind}, schema {SCHEMA}", "digest": artifact.digest}
    facts |= summarize(artifact)
    lines = [f"{name:24} {show(value)}" for name, value in facts.items()]
    lines += ["", *_history(artifact.provenance)] if artifact.provenance.command else []
    if script := artifact.provenance.script():
        lines += ["", "made again by:", *(f"  {line}" for line in script)]
    return "\n".join(lines)


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

    >>> json.loads(describe_json(Artifact("arrays", {"x": np.zeros(3)})))["summary"]
    {'x': 'float64 (3,)'}
    """
    whole = {
        "kind": artifact.kind,
        "digest": artifact.digest,
        "summary": {name: _finite(value) for name, value in summarize(artifact).items()},
        "provenance": artifact.provenance.to_json(),
        "script": artifact.provenance.script(),
    }
    return json.dumps(whole, indent=2)


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _model(artifact: Artifact) -> Facts:
    fields = artifact.fields
    shape = "x".join(map(str, fields["shape"]))
    facts: Facts = {"architecture": fields["arch"], "images": shape}
    facts["normalize"] = fields["normalize"]
    if "test_accuracy" in fields:
        if small := fields.get("training", {}).get("batch_below_layers"):
            size = fields["training"]["batch_size"]
            facts["warning"] = f"batches of {size} are smaller than the layer {', '.join(small)}"
        names = ("train_accuracy", "test_accuracy")
        return facts | {name.replace("_", " "): fields[name] for name in names}
    if "converged" in fields:
        facts["converged"] = f"{fields['converged']} of {fields['units']} units"
        facts["in the wrong attractor"] = fields["wrong_attractor"]
        if "never_winning" in fields:
            facts["never winning"] = fields["never_winning"]
    if pruning := fields.get("pruning"):
        facts["pruned"] = f"{pruning['pruned']} of {pruning['of']} units"
        if pruning["threshold"] is None:
            facts["pruned"] = "0 units (their variances have one mode)"
        else:
            facts["variance threshold"] = pruning["threshold"]
    return facts


def _spectrum(artifact: Artifact) -> Facts:
    arrays, facts = artifact.arrays, {}
    for row, values in enumerate(arrays["eigenvalues"]):
        name = f"{arrays['source'][row]} {arrays['layer'][row]} {arrays['size'][row]}"
        total = float(arrays["variance"][row] if "variance" in arrays else np.nansum(values))
        share = f" ({values[0] / total:.1%} in the first)" if total > 0 else ""
        if "solver" in arrays and arrays["solver"][row] == "randomized":
            share += f", of {np.isfinite(values).sum()} leading eigenvalues, randomized"
        facts[name] = f"variance {total:.4g}{share}"
    return facts


def _power_law(artifact: Artifact) -> Facts:
    facts: Facts = {}
    for fit in artifact.fields["fits"]:
        name = f"alpha {fit['source']} {fit['layer']} {fit['size']}"
        first, last = fit["range"]
        if fit["alpha"] is None:
            facts[name] = f"none ({fit['reason']})"
        else:
            null = f", null {fit['null_alpha']:.3f}" if fit["null_alpha"] is not None else ""
            found = f"{fit['alpha']:.3f} +- {fit['stderr']:.3f}"
            straight = f", r2 {fit['r2']:.3f}" if "r2" in fit else ""
            facts[name] = f"{found} (ranks {first}..{last}{straight}{null}{_doubts(fit)})"
    return facts


def _doubts(fit: Facts) -> str:
    """Return interval and bound of an exponent, and what speaks against it."""
    said = ""
    if fit.get("ci"):
        said += ", 95% interval {:.3f} to {:.3f}".format(*fit["ci"])
    if fit.get("ci_reason"):
        said += f", no interval ({fit['ci_reason']})"
    if fit.get("bound"):
        said += f", bound 1 + 2/d {fit['bound']:.3f}"
    if fit.get("biased"):
        said += f", biased by {fit['bias']:+.3f} for want of images"
    if fit.get("power_law") is False:
        said += f", no power law: bent by {fit['bend']:+.3f}"
    return said


def _robustness(artifact: Artifact) -> Facts:
    fields = artifact.fields
    kept = fields["relative_accuracy"]
    return {
        "method": fields["method"],
        "images": fields["n_images"],
        "clean accuracy": fields["clean_accuracy"],
        f"eps ({fields.get('eps_unit', 'length')})": sorted({fields["eps"][0], fields["eps"][-1]}),
        "relative accuracy": [kept[0], kept[-1]] if len(kept) > 1 else kept[0],
    }


def _distances(artifact: Artifact) -> Facts:
    from specrob.measures.survival import median_distance  # scipy.stats takes half a second

    arrays, fields = artifact.arrays, artifact.fields
    median = median_distance(arrays["distance"], arrays["eps"])
    l2 = median_distance(arrays["distance_l2"], np.full_like(arrays["eps"], np.inf))
    also = {} if fields.get("norm") == "l2" else {"median distance in L2": l2.value}
    return {
        "method": fields.get("method"),
        "norm": fields.get("norm"),
        "images": len(arrays["index"]),
        "fooled": median.fooled,
        "censored": median.censored,
        "misclassified": int((arrays["status"] == "misclassified").sum()),
        "median distance": median.value,
        "95% interval": [median.low, median.high],
        **also,
    }


def _landscape(artifact: Artifact) -> Facts:
    arrays = artifact.arrays
    norms, middle = arrays["jacobian_norm"], len(arrays["u"]) // 2
    return {
        "image": int(arrays["index"]),
        "points": f"{len(arrays['v'])}x{len(arrays['u'])}",
        "span": float(np.abs(arrays["u"]).max()),
        "classes on the plane": len(np.unique(arrays["label"])),
        f"Jacobian norm of {artifact.fields.get('of')}": [float(norms.min()), float(norms.max())],
        "beside the image": float(norms[middle, middle]),
    }


def _sensitivity(artifact: Artifact) -> Facts:
    arrays = artifact.arrays
    facts: Facts = {"images": len(arrays["index"]), "layer": artifact.fields.get("of")}
    for rank, maps in zip(arrays["ranks"], arrays["maps"], strict=True):
        facts[f"largest d lambda_{rank} / d pixel"] = float(np.abs(maps).max())
    return facts


def _checkpoint(artifact: Artifact) -> Facts:
    return {"epochs done": artifact.fields["state"].get("epoch"), **artifact.fields["settings"]}


def _arrays(artifact: Artifact) -> Facts:
    return {name: f"{array.dtype} {array.shape}" for name, array in artifact.arrays.items()}


SUMMARIES: dict[str, Callable[[Artifact], Facts]] = {
    "model": _model,
    "spectrum": _spectrum,
    "power-law": _power_law,
    "robustness": _robustness,
    "distances": _distances,
    "landscape": _landscape,
    "sensitivity": _sensitivity,
    "checkpoint": _checkpoint,
    "weights": _arrays,
    "arrays": _arrays,
}
