"""Small artifacts of every kind, made by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from specrob.artifacts import Artifact, Data, Provenance, Source

JPEG = Provenance(data=Data("cifar10.npz", "CIFAR-10 (JPEG copy)", "", {}))


def spectrum(alpha=2.0, sizes=(20, 50), sources=("images", "noise", "noise-exact")):
    rows = [(source, size) for size in sizes for source in sources]
    values = np.full((len(rows), max(sizes)), np.nan)
    for row, (_, size) in zip(values, rows, strict=True):
        row[:size] = 3 * np.arange(1, size + 1) ** -alpha
    facts = {"source": [r[0] for r in rows], "size": [r[1] for r in rows]}
    facts |= {"layer": ["hidden"] * len(rows), "n_images": [100] * len(rows)}
    return Artifact("spectrum", {"eigenvalues": values, **arrays(facts)}, {}, JPEG)


CORRECTED = {
    **{"alpha_corrected": 1.05, "bias": -0.05, "bend": 0.0, "sampling_stderr": 0.1},
    "power_law": None,
}


def power_law(alphas=(2.5, None, 1.0)):
    fits = [
        {"source": "images", "size": 10 * n, "layer": "hidden", "alpha": alpha, "stderr": 0.1}
        | {"range": [10, 50], "null_alpha": 0.2, "ci": [0.8, 1.3] if alpha == 1 else None}
        | ({"reason": "too few ranks"} if alpha is None else {})
        | (CORRECTED if alpha == 1 else {})
        for n, alpha in enumerate(alphas)
    ]
    return Artifact("power-law", {}, {"fits": fits}, JPEG)


def robustness(
    eps=(0.0, 0.01, 0.1, 1.0), accuracy=(1.0, 0.9, 0.5, 0.0), method="pgd", norm="linf"
):
    facts = {"method": method, "norm": norm, "clean_accuracy": 0.5, "n_images": 4}
    facts |= {"n_attacked": 2, "eps": list(eps), "relative_accuracy": list(accuracy)}
    return Artifact("robustness", {}, facts | {"robust_accuracy": [0.0] * len(eps)}, JPEG)


def distances(found=(0.1, 0.4, 0.2, np.inf, np.nan), norm="l2", method="pgd"):
    found = np.array(found)
    status = np.where(np.isnan(found), "misclassified", "fooled")
    status = np.where(np.isinf(found), "censored", status)
    columns = ("index", "label", "prediction", "prediction_adversarial")
    facts = {"status": status, "distance": found, "distance_l2": 2 * found, "eps": found}
    facts |= dict.fromkeys(columns, np.arange(len(found)))
    return Artifact("distances", facts, {"method": method, "norm": norm}, JPEG)


def bounds(lower=(0.1, 0.2, 0.15, 0.0, np.nan), norm="l2"):
    lower = np.array(lower)
    status = np.select([np.isnan(lower), lower > 0], ["misclassified", "certified"], "uncertified")
    facts = {"status": status, "lower": lower, "lower_l2": lower, "upper": 1.5 * lower + 0.1}
    facts |= dict.fromkeys(("index", "label", "prediction"), np.arange(len(lower)))
    named = {"norm": norm, "bounds": "none", "upper_by": "minimal l2"}
    return Artifact("bounds", facts, named, JPEG)


def local_smoothness(found=(0.1, 0.4, 0.2, np.inf, np.nan)):
    found = np.array(found)
    names = ("jacobian_norm", "spectral_norm", "margin", "margin_over_jacobian_norm")
    names += ("margin_over_spectral_norm", "linear_distance", "certified_distance")
    facts = dict.fromkeys(names, 0.8 * np.nan_to_num(found, posinf=0.7))
    facts |= dict.fromkeys(("index", "label", "prediction"), np.arange(len(found)))
    named = {"distance_by": "minimal l2", "normalize": "none"}
    return Artifact("local-smoothness", facts | {"distance": found}, named, JPEG)


def image_file(images=3, fill=0.5):
    x, label = np.full((images, 3, 4, 4), fill), np.arange(images)
    facts = {"name": np.array("non-robust features"), "x_test": x, "y_test": (label + 1) % 2}
    facts["y_true_test"] = label
    return Artifact("images", facts, {"settings": {}, "digests": {}}, JPEG)


def adversarial(images=3, radii=2, fill=0.5, prediction=0):
    x = np.full((radii, images, 1, 4, 4), fill)
    facts = {"x": x, "eps": np.linspace(0, 0.1, radii), "index": np.arange(images)}
    facts |= {"label": np.zeros(images, int), "prediction": np.full(images, prediction)}
    facts["prediction_adversarial"] = np.arange(radii * images).reshape(radii, images) % 2
    facts |= dict.fromkeys(("distance", "distance_l2"), np.zeros((radii, images)))
    return Artifact("adversarial", facts, {"method": "pgd", "norm": "linf"}, JPEG)


def landscape(points=12, low=15.0, high=28.0, label=None, **facts):
    axis = np.linspace(-20, 20, points)
    ramp = np.add.outer(axis, axis)
    norm = np.interp(ramp, [-40, 40], [low, high])
    maps = {"label": (ramp > 0).astype(int) * 3 if label is None else label}
    maps |= {"confidence": np.full((points, points), 0.7), "jacobian_norm": norm}
    plane = {"u": axis, "v": axis, "directions": np.eye(2), "index": np.array(3)}
    return Artifact("landscape", maps | plane, {"of": "latent"} | facts, JPEG)


def sensitivity(channels=1, side=8, images=2, ranks=(1, 10)):
    maps = np.random.default_rng(0).normal(size=(len(ranks), images, channels, side, side))
    arrays = {"maps": maps, "ranks": np.array(ranks), "index": np.arange(images)}
    return Artifact("sensitivity", arrays | {"images": maps[0]}, {"of": "penultimate"}, JPEG)


def smoothness(mean=3.0, layers=("latent", "logits"), norm=2.0):
    rows = [
        {"layer": layer, "mean": mean + n, "stderr": 0.1, "median": mean, "min": 1.0, "max": 9.0}
        for n, layer in enumerate(layers)
    ]
    facts = {"spectral_norm": norm, "frobenius_norm": norm and 2 * norm, "n_images": 5}
    return Artifact("smoothness", {}, facts | {"jacobian": rows}, JPEG)


def mapped():
    fits = power_law((2.5, 1.0)).fields["fits"]
    table = {"ranks": [1, 10, 100], "alpha": [[None, 1.0, 2.0], [None, None, 1.5], [None] * 3]}
    return Artifact("power-law", {}, {"fits": [fit | {"map": table} for fit in fits]}, JPEG)


def model(name="hidden.synapses", units=30, shape=(3, 4, 4), prov=JPEG, **facts):
    weights = np.random.default_rng(0).normal(size=(units, int(np.prod(shape))))
    weights[0] = 0
    facts = {"arch": "hybrid", "shape": list(shape), "classes": 10, "normalize": "l3"} | facts
    return Artifact("model", {name: weights.astype(np.float32)}, facts, prov)


def history(epochs=5):
    ramp = np.linspace(0.1, 0.5, epochs).tolist()
    curves = {"loss": ramp[::-1], "test_accuracy": ramp, "train_accuracy": ramp}
    return {"history": {**curves, "penalties": {}}}


def pruning(threshold=1.0):
    facts = {"threshold": threshold, "pruned": 1, "of": 3, "variances": [0.5, 0.7, 2.0]}
    return {"pruning": facts}


def arrays(columns):
    return {name: np.array(values) for name, values in columns.items()}


def fitted(artifact, alpha=1.5):
    """Return the power law of a spectrum, as `fit-alpha` traces it."""
    rows = zip(*(artifact.arrays[n].tolist() for n in ("source", "size", "layer")), strict=True)
    fits = [
        {
            "source": source,
            "size": size,
            "layer": layer,
            "alpha": alpha,
            "intercept": float(np.log(3)),
        }
        | {"stderr": 0.1, "null_alpha": None, "range": [2, 10]}
        for source, size, layer in rows
    ]
    made = Source("s.npz", "spectrum", artifact.digest, JPEG)
    return Artifact("power-law", {}, {"fits": fits}, Provenance(inputs=(made,)))


def run(name):
    return Provenance(inputs=(Source(name, "model", f"digest of {name}", JPEG),))


def measured(path):
    """Return an artifact of the kind that a path speaks of, measured on the network it names."""
    name = Path(path).name.split(".")[0]
    method = Path(path).name.split(".")[1]
    if path.endswith(".safetensors"):
        made = model(prov=JPEG, test_accuracy=0.5, train_accuracy=0.6, **pruning())
        return replace(
            made, arrays={**made.arrays, "readout.bias": np.full(1, sum(name.encode()))}
        )
    if method == "landscape":
        return replace(landscape(), provenance=run(name))
    if path.endswith(".json") and method != "alpha":
        return replace(robustness(method=method), provenance=run(name))
    if method in ("spectrum", "alpha"):
        made = replace(spectrum(alpha=1 + len(name) / 10), provenance=run(name))
        return made if method == "spectrum" else fitted(made)
    on = model_digest(name)
    found = distances(method=method, norm="l2" if method == "random" else "linf")
    return replace(found, provenance=Provenance(inputs=(Source(name, "model", on, JPEG),)))


def model_digest(name):
    return measured(f"networks/{name}.safetensors").digest


def read(paths):
    return [[measured(path)] for path in paths]


def texts(figure):
    return [t.get_text() for t in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def legends(figure):
    found = [axes.get_legend() for axes in figure.axes] + figure.legends
    return [[t.get_text() for t in legend.get_texts()] for legend in found if legend]


def images(count=3, residual=(0.25, 0.5, 1.0)):
    facts = {"name": "digits (inverted)", "x_test": np.zeros((count, 1, 4, 4))}
    facts |= {"y_test": np.arange(count), "y_true_test": np.arange(count)}
    made = {name: np.array(value) for name, value in facts.items()}
    made |= {"residual_test": np.array(residual)}
    return Artifact("images", made, {"settings": {}, "digests": {"test": "ab"}})
