"""The numbers that artifacts hold, kind by kind, each with the name under which it is compared."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from specrob.artifacts import Artifact
from specrob.plots.attack_names import attack_settings
from specrob.quantities.values import (
    bias_of,
    clean_accuracy,
    corrected_alpha,
    largest_fits,
    median,
)
from specrob.reports.page import Value

FEW = 4  # radii, up to which accuracies are numbers rather than a curve
FIT = ("source", "layer", "size", "n_images", "weighting")  # with the range: which fit it is


@dataclass(frozen=True)
class Number:
    """A number: the table it belongs to, its name, and how sure it is.

    Parameters
    ----------
    topic, name : str
    value : float, int, str, pair of float for a range, or None
    interval : pair of float, optional
        95%.
    error : float, optional
        Standard error.
    note : str
    of : tuple
        The fit it is of, where several artifacts may hold it.
    resampled : bool
        Whether that fit has an interval from resampled images.
    """

    topic: str
    name: str
    value: Value | None
    interval: tuple[float, float] | None = None
    error: float | None = None
    note: str = ""
    of: tuple[Any, ...] = field(default=(), compare=False)
    resampled: bool = field(default=False, compare=False)


def numbers_of(artifact: Artifact) -> list[Number]:
    """Return all numbers of an artifact; none where its kind has only figures.

    >>> facts = {"arch": "kh", "train_accuracy": 0.5, "test_accuracy": 0.25}
    >>> [(n.name, n.value) for n in numbers_of(Artifact("model", fields=facts))]
    [('test accuracy', 0.25), ('train accuracy', 0.5)]
    """
    return list(NUMBERS.get(artifact.kind, lambda _: ())(artifact))


def _model(artifact: Artifact) -> Iterator[Number]:
    for name in ("test_accuracy", "train_accuracy"):
        if name in artifact.fields:
            yield Number("Accuracy", name.replace("_", " "), artifact.fields[name])


def _attack(artifact: Artifact) -> str:
    fields = artifact.fields
    named = (fields.get("method"), fields.get("norm"), attack_settings(fields))
    return " ".join(map(str, filter(None, named)))


def _clean(artifact: Artifact, images: int) -> Iterator[Number]:
    """Yield the accuracy on clean images, unless they were chosen for being known."""
    accuracy = clean_accuracy(artifact)
    if accuracy is not None:
        yield Number("Accuracy", "clean accuracy", accuracy, note=f"{images} images")


def _robustness(artifact: Artifact) -> Iterator[Number]:
    fields, attack = artifact.fields, _attack(artifact)
    yield from _clean(artifact, fields["n_images"])
    if len(fields["eps"]) > FEW:
        return
    for name in ("relative_accuracy", "robust_accuracy"):
        for eps, value in zip(fields["eps"], fields[name], strict=True):
            if eps:
                title = f"{name.replace('_', ' ')} {attack} at {eps:.4g}"
                yield Number(f"Accuracy under attack: {attack}", title, value)


def _distances(artifact: Artifact) -> Iterator[Number]:
    from specrob.survival import fooled_moments

    arrays, attack = artifact.arrays, _attack(artifact)
    distance, status = arrays["distance"], arrays["status"]
    attacked, images = int((status != "misclassified").sum()), len(status)
    yield from _clean(artifact, images)
    topic = f"Critical distances: {attack}"
    middle = median(artifact)
    yield _median(topic, f"median distance {attack}", middle)
    if artifact.fields.get("norm") != "l2":
        yield _median(topic, f"median distance {attack} in l2", median(artifact, "distance_l2"))
    mean, variance = fooled_moments(distance)
    note = "of the fooled only" if middle.censored else ""
    deviation = None if variance is None else math.sqrt(variance)
    for name, value in (("mean", mean), ("standard deviation", deviation), ("variance", variance)):
        of = "distance" if name == "mean" else "of distance"
        yield Number(topic, f"{name} {of} {attack}", value, note=note)
    yield Number(topic, f"fooled {attack}", middle.fooled, note=f"of {attacked}")
    yield Number(topic, f"censored {attack}", middle.censored)


def _median(topic: str, name: str, found: Any) -> Number:
    value = None if math.isnan(found.value) else found.value
    return Number(topic, name, value, (found.low, found.high))


def _power_law(artifact: Artifact) -> Iterator[Number]:
    """Yield what is known of each source's spectrum, of those of several sizes the largest."""
    spectra = [source.provenance.command for source in artifact.provenance.inputs]
    data = artifact.provenance.lineage_data()
    images = (data.name, *sorted(data.digests.items())) if data else ()  # size is in the name
    asked = any(word.split("=")[0] == "--layer" for words in spectra for word in words)
    for fit in largest_fits(artifact):
        name = f"{fit['source']} {fit['layer']}" if asked else fit["source"]
        which = (*map(fit.get, FIT), *fit["range"], *images)
        changed = ", ".join(data.name.split(", ")[1:]) if data else ""  # its transforms
        for number in _fit(fit, name):
            note = ", ".join(filter(None, (number.note, changed)))
            resampled = corrected_alpha(fit) is not None and fit.get("ci_from") != "model"
            yield replace(number, note=note, of=which, resampled=resampled)


def _fit(fit: Mapping[str, Any], name: str) -> Iterator[Number]:
    topic, alpha = f"Exponents: {name}", fit["alpha"]
    note = "{} of {} units, ranks {}..{}".format(fit["layer"], fit["size"], *fit["range"])
    if alpha is None:
        yield Number(topic, f"alpha {name}", None, note=f"{note}: {fit['reason']}")
        return
    error = fit.get("sampling_stderr")  # over images; `stderr` is how straight the line is
    note = ", ".join(filter(None, (note, bias_of(fit))))
    yield Number(topic, f"alpha {name}", alpha, error=error, note=note)
    if found := corrected_alpha(fit):
        yield Number(topic, f"alpha corrected {name}", found[0], found[1:])
    yield Number(topic, f"null alpha {name}", fit.get("null_alpha"))
    yield Number(topic, f"participation ratio {name}", fit.get("participation_ratio"))
    if (corrected := fit.get("participation_ratio_corrected")) is not None:
        note = f"for Gaussian activations of {fit['n_images']} images"
        yield Number(topic, f"participation ratio corrected {name}", corrected, note=note)
    if "power_law" in fit:
        verdict = VERDICTS[fit["power_law"]]
        bend = (
            f"local exponent changes by {fit['bend']:+.3f}" if fit.get("bend") is not None else ""
        )
        yield Number(topic, f"power law {name}", verdict, note=bend)


def _landscape(artifact: Artifact) -> Iterator[Number]:
    norms = artifact.arrays["jacobian_norm"]
    name = f"Jacobian norm of {artifact.fields.get('of')} on the plane"
    ends = (float(norms.min()), float(norms.max()))
    yield Number("Smoothness", name, ends, note=f"image {int(artifact.arrays['index'])}")


def _smoothness(artifact: Artifact) -> Iterator[Number]:
    fields = artifact.fields
    yield Number("Smoothness", "spectral norm", fields["spectral_norm"])
    yield Number("Smoothness", "Frobenius norm", fields["frobenius_norm"])
    for row in fields["jacobian"]:
        note = "median {median:.4g}, {min:.4g} to {max:.4g}".format(**row)
        name = f"Jacobian norm of {row['layer']}"
        yield Number("Smoothness", name, row["mean"], error=row["stderr"], note=note)


VERDICTS = {True: "yes", False: "no", None: "open"}
NUMBERS: dict[str, Callable[[Artifact], Iterator[Number]]] = {
    "model": _model,
    "robustness": _robustness,
    "distances": _distances,
    "power-law": _power_law,
    "landscape": _landscape,
    "smoothness": _smoothness,
}
