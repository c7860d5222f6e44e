"""What matters of an artifact, kind by kind, in the order in which it should be read."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from specrob.artifacts import Artifact
from specrob.learning.attempts import ENOUGH
from specrob.quantities.values import bias_of, median

Facts = dict[str, Any]
ASYMPTOTIC = (
    "is about the asymptotic exponent; an exponent over finite ranks neither proves nor refutes "
    "smoothness"
)


def _model(artifact: Artifact) -> Facts:
    fields = artifact.fields
    shape = "x".join(map(str, fields["shape"]))
    facts: Facts = {"architecture": fields["arch"], "images": shape}
    facts["normalize"] = fields["normalize"]
    if "test_accuracy" in fields:
        if small := fields.get("training", {}).get("batch_below_layers"):
            size = fields["training"]["batch_size"]
            facts["warning"] = f"batches of {size} are smaller than the layer {', '.join(small)}"
        if fields.get("accepted") is False and "units" in fields:
            counts = f"{fields['learned']} of {fields['units']} units converged"
            facts["local layer"] = f"not accepted ({counts})"
        names = ("train_accuracy", "test_accuracy")
        return facts | {name.replace("_", " "): fields[name] for name in names}
    if "converged" in fields:
        facts["converged"] = f"{fields['converged']} of {fields['units']} units"
        facts |= _verdict(fields)
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


def _verdict(fields: Mapping[str, Any]) -> Facts:
    """Return whether a local layer is accepted, and what each of several attempts came to."""
    if "accepted" not in fields:
        return {}
    tried = fields.get("attempts", [])
    counts = ", ".join(str(one["learned"]) for one in tried)
    share = f"{fields['learned'] / fields['units']:.1%}" if fields["units"] else "none"
    return {
        "outside the wrong attractor": f"{fields['learned']} ({share})",
        "accepted": f"{'yes' if fields['accepted'] else 'no'} (yes needs more than {ENOUGH:.0%})",
        **(
            {"attempts": f"{len(tried)}, with {counts} units outside the wrong attractor"}
            if len(tried) > 1
            else {}
        ),
    }


def _spectrum(artifact: Artifact) -> Facts:
    arrays, facts = artifact.arrays, {}
    if "weights" in artifact.fields:
        facts["weights"] = artifact.fields["weights"]
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
            line = f"ranks {first}..{last}, standard error of the line {fit['stderr']:.3f}"
            line += f", r2 {fit['r2']:.3f}" if "r2" in fit else ""
            facts[name] = f"{fit['alpha']:.3f} ({line}{null}{_doubts(fit)})"
    if any(fit.get("bound") for fit in artifact.fields["fits"]):
        facts["bound 1 + 2/d"] = ASYMPTOTIC
    return facts


def _doubts(fit: Facts) -> str:
    """Return interval and bound of an exponent, and what speaks against it."""
    said = ""
    if fit.get("ci"):
        said += f", corrected {fit['alpha_corrected']:.3f}"
        said += " (95% interval {:.3f} to {:.3f})".format(*fit["ci"])
    if fit.get("range_reason"):
        said += f", a shorter range ({fit['range_reason']})"
    if fit.get("bootstrap_reason"):
        said += f", errors from the model ({fit['bootstrap_reason']})"
    if fit.get("ci_reason") and fit.get("n_images"):  # an exact spectrum has no error
        said += f", no interval ({fit['ci_reason']})"
    if fit.get("bound"):
        said += f", bound 1 + 2/d {fit['bound']:.3f}"
    if bias := bias_of(fit):
        said += f", {bias}"
    if fit.get("power_law") is False:
        said += f", not a power law: the local exponent changes by {fit['bend']:+.3f}"
    if "power_law" in fit and fit["power_law"] is None:
        said += ", too few images to tell whether it is a power law"
    if fit.get("reaches_end"):
        said += f", in the last half of {fit['rank']} ranks, which may be the layer's end"
    return said


def _robustness(artifact: Artifact) -> Facts:
    fields = artifact.fields
    radii = zip(fields["eps"], fields["relative_accuracy"], strict=True)
    pairs = sorted(radii, key=lambda pair: pair[0])
    eps, kept = zip(*(pairs[0], pairs[-1])[: len(set(fields["eps"]))], strict=True)
    return {
        "method": fields["method"],
        "images": fields["n_images"],
        "clean accuracy": fields["clean_accuracy"],
        f"eps ({fields.get('eps_unit', 'length')})": list(eps),
        "relative accuracy": list(kept) if len(kept) > 1 else kept[0],
        **_warning(fields),
    }


def _warning(fields: Mapping[str, Any]) -> Facts:
    return {"warning": "; ".join(fields["warnings"])} if fields.get("warnings") else {}


def _adversarial(artifact: Artifact) -> Facts:
    arrays = artifact.arrays
    attacked = arrays["prediction"] == arrays["label"]
    fooled = (arrays["prediction_adversarial"] != arrays["label"]) & attacked
    return {
        "images": len(arrays["index"]),
        "attacked": int(attacked.sum()),
        **{
            f"fooled at {e:.4g}": int(n) for e, n in zip(arrays["eps"], fooled.sum(1), strict=True)
        },
    }


def _distances(artifact: Artifact) -> Facts:
    from specrob.survival import fooled_moments  # scipy.stats takes half a second

    arrays, fields = artifact.arrays, artifact.fields
    middle = median(artifact)
    mean, variance = fooled_moments(arrays["distance"])
    only = " of the fooled" if middle.censored else ""
    in_l2 = {} if fields.get("norm") == "l2" else {"median distance in L2": "distance_l2"}
    also = {said: median(artifact, name).value for said, name in in_l2.items()}
    return {
        "method": fields.get("method"),
        "norm": fields.get("norm"),
        "images": len(arrays["index"]),
        "fooled": middle.fooled,
        "censored": middle.censored,
        "misclassified": int((arrays["status"] == "misclassified").sum()),
        "median distance": middle.value,
        "95% interval": [middle.low, middle.high],
        f"mean distance{only}": mean,
        f"variance{only}": variance,
        **also,
        **_warning(fields),
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


def _smoothness(artifact: Artifact) -> Facts:
    fields = artifact.fields
    names = {"spectral norm": "spectral_norm", "Frobenius norm": "frobenius_norm"}
    facts: Facts = {name: fields[key] for name, key in names.items()}
    facts["images"] = fields["n_images"]
    for row in fields["jacobian"]:
        error = "" if row["stderr"] is None else f" +- {row['stderr']:.2g}"
        spread = f"median {row['median']:.4g}, {row['min']:.4g} to {row['max']:.4g}"
        facts[f"Jacobian norm of {row['layer']}"] = f"{row['mean']:.4g}{error} ({spread})"
    return facts


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
    "adversarial": _adversarial,
    "landscape": _landscape,
    "smoothness": _smoothness,
    "sensitivity": _sensitivity,
    "checkpoint": _checkpoint,
    "weights": _arrays,
    "arrays": _arrays,
}
