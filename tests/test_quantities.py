"""One table of numbers, which info, reports and figures of relations read."""

import json

import pytest
from made import (
    adversarial,
    bounds,
    distances,
    fitted,
    images,
    landscape,
    local_smoothness,
    model,
    pruning,
    robustness,
    sensitivity,
    spectrum,
)

from specrob.artifacts import Artifact, Provenance, Source
from specrob.quantities.attack_names import attack_name
from specrob.quantities.describe import describe, describe_json, summarize
from specrob.quantities.local_smoothness import MEASURES
from specrob.quantities.networks import NetworkResults
from specrob.quantities.relate import relate
from specrob.quantities.rows import matches, rows_of
from specrob.quantities.table import QUANTITIES, quantities_of
from specrob.reports.numbers import reported_numbers
from specrob.results import (
    AttackResult,
    Dimension,
    DimensionEstimate,
    JacobianNorms,
    Predictor,
    Smoothness,
)

NORMS = {"layer": "latent", "mean": 4.0, "stderr": 0.5, "median": 3.0, "min": 1.0, "max": 8.0}
CORRELATED = {"correlation": 0.5, "correlation_low": 0.25, "correlation_high": 0.75}
FIT = {
    **{"participation_ratio": 3.0, "participation_ratio_corrected": 3.5, "rank_90": 4},
    **{"rankme": 5.0, "r2": 0.9, "bound": 1.25, "bend": 0.5, "power_law": False, "biased": False},
    **{"sampling_stderr": 0.02, "alpha_corrected": 1.75, "ci": [1.7, 1.8], "null_alpha": 0.25},
}
LAYER = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
ACCURACY = {"train_accuracy": 0.75, "test_accuracy": 0.5}
UNITS = {"units": 30, "converged": 20, "wrong_attractor": 2, "never_winning": 1}
UNITS |= {"accepted": False, "learned": 18, "attempts": []}
RESPECTRUM = {"alpha": 1.0, "readout": "readout", "ranks": 9, "logit_change": 1e-7}
RESPECTRUM |= {"train_alpha": 1.25, "test_alpha": 1.5}
HISTORY = {"loss": [0.5, 0.25], "drift latent": [None, 0.125], "alpha latent": [2.0, 1.5]}
HISTORY |= {"estimated alpha latent": [None, 1.0], "robust_train_accuracy": [0.25, 0.5]}
ATTACK = {"method": "pgd", "norm": "l2", "loss": "ce", "options": {"steps": 7}, "eps": 0.5}
TRAINING = {"history": HISTORY, "training": {"adversarial": ATTACK}, "respectrum": RESPECTRUM}


def power_law(**facts):
    """Return a power law of both sources whose fits have every fact."""
    law = fitted(spectrum())
    fits = [fit | FIT | facts for fit in law.fields["fits"]]
    return Artifact("power-law", {}, {"fits": fits}, law.provenance)


MADE = {
    "model": Artifact("model", {}, LAYER | UNITS | ACCURACY | TRAINING | pruning()),
    "checkpoint": Artifact("checkpoint", {}, {"settings": {}, "state": {"epoch": 3}}),
    "robustness": robustness(eps=(0.05, 0.1), accuracy=(0.75, 0.5)),
    "distances": distances(norm="linf"),
    "bounds": bounds(),
    "adversarial": adversarial(),
    "local-smoothness": local_smoothness(),
    "power-law": power_law(),
    "spectrum": spectrum(),
    "sensitivity": sensitivity(),
    "images": images(),
    "landscape": landscape(image_jacobian_norm=20.0),
    "dimension": Artifact.of(
        Dimension(
            estimates=(
                DimensionEstimate(
                    **{"source": "images", "layer": "input", "size": 9, "n_images": 50},
                    **{"duplicates": 2, "dimension": 4.0, "low": 3.5, "high": 5.0},
                    **{"bound": 1.5, "bound_low": 1.4, "bound_high": 1.625},
                ),
            ),
            discard=0.1,
        )
    ),
    "smoothness": Artifact.of(
        Smoothness(
            spectral_norm=7.0,
            frobenius_norm=9.0,
            n_images=5,
            jacobian=(JacobianNorms(**NORMS),),
            predictors=tuple(
                Predictor(
                    name=name, n=4, median=n + 0.5, low=n + 0.25, high=n + 0.75, **CORRELATED
                )
                for n, name in enumerate(MEASURES)
            ),
            distance_by="minimal l2",
        ),
    ),
}
BY_RANK = ("sensitivity", "low_frequency_share", "map_similarity")  # one for each of several


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda q: f"{q.kind}:{q.name}")
def test_every_quantity_has_a_title_a_unit_and_one_number_everywhere(quantity):
    """Info, reports and relations show the value that the iterator yields."""
    artifact = MADE[quantity.kind]
    values = [one for one in quantities_of(artifact, network="kh") if one.name == quantity.name]
    assert values
    assert all(one.title and one.unit and "{" not in one.title for one in values)
    assert all(one.labels["network"] == "kh" for one in values)
    info = json.loads(describe_json(artifact))["summary"]
    assert {repr(one.value) for one in values} <= {
        repr(tuple(v) if isinstance(v, list) else v) for v in info.values()
    }
    shown = [
        one.value for one in reported_numbers(artifact, NetworkResults("kh", "kh", None, ()), 1)
    ]
    if quantity.topic:
        assert {one.name for one in shown} >= {quantity.name}
    assert {(one.title, one.value) for one in shown} <= {
        (one.title, one.value) for one in quantities_of(artifact)
    }
    numbers = [one for one in values if isinstance(one.value, int | float)]
    if numbers and quantity.name not in ("alpha", *BY_RANK):  # what is corrected goes before
        (relation,) = relate([quantity.name] * 2, [[artifact]], ["kh"])
        (((value, low, high), _),) = relation.points
        assert (value, low, high) in {
            (one.value, one.value if one.low is None else one.low,
             one.value if one.high is None else one.high)
            for one in numbers
        }  # fmt: skip
        assert relation.x


def test_titles_are_different_within_an_artifact():
    for artifact in MADE.values():
        titles = [one.title for one in quantities_of(artifact)]
        assert len(set(titles)) == len(titles)
        assert len(json.loads(describe_json(artifact))["summary"]) >= len(titles)


def test_accuracy_on_chosen_images_is_left_out():
    run = Provenance(inputs=(Source("bp.npz", "distances", "77", Provenance()),))
    for kind in ("robustness", "distances"):
        chosen = Artifact(kind, MADE[kind].arrays, MADE[kind].fields, run)
        names = {one.name for one in quantities_of(chosen)}
        assert names == {one.name for one in quantities_of(MADE[kind])} - {"clean_accuracy"}


def test_an_exact_spectrum_has_no_number_of_images():
    exact = power_law(n_images=0)
    assert "participation ratio corrected" in describe(exact)
    assert "Gaussian activations" not in describe(exact)
    assert "Gaussian activations of 7 images" in describe(power_law(n_images=7))


def test_of_many_radii_four_above_0_are_shown():
    eps = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    shown = summarize(robustness(eps=eps, accuracy=[1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]))
    radii = [title.rsplit(" ", 1)[1] for title in shown if title.startswith("relative")]
    assert radii == ["0.1", "0.3", "0.5", "0.7"]
    assert shown["relative accuracy at 0.5"].split(" (")[0] == "0.5"


@pytest.mark.parametrize(
    ("options", "rule"),
    [({"hidden": 3, "p": 3.0}, "krotov-hopfield"), ({"hidden": 3, "rule": "oja,k=2"}, "oja")],
)
def test_info_names_the_rule_of_a_local_layer(options, rule):
    arch = "local" if "rule" in options else "kh"
    assert summarize(model(arch=arch, options=options))["local rule"] == rule
    assert "local rule" not in summarize(model(arch="shlp"))


def test_what_eps_is_comes_from_the_record_or_from_the_attack():
    def name(**facts):
        return attack_name(AttackResult(norm="l2", **facts))

    assert name(method="speckle", eps_unit="std of each pixel").eps_is_std
    assert name(method="noise").eps_is_std  # version 0.1 did not record the unit
    assert not name(method="noise", eps_unit="l2 length").eps_is_std
    assert not name(method="speckle").eps_is_std


@pytest.mark.parametrize(
    ("attack", "numbers"),
    [
        ("pgd", 0),
        ({"method": "pgd", "norm": "l2"}, 0),
        ({**ATTACK, "options": 7}, 0),
        ({**ATTACK, "made_up": 1}, 1),
    ],
    ids=["a word", "without a radius", "options that are none", "an unknown key"],
)
def test_a_training_attack_that_is_none_is_left_out(attack, numbers):
    model = Artifact(
        "model", {}, LAYER | {"history": HISTORY, "training": {"adversarial": attack}}
    )
    found = [one for one in quantities_of(model) if one.name == "robust_train_accuracy"]
    assert len(found) == numbers
    assert describe(model)


def test_none_matches_what_is_absent_and_what_is_called_so():
    (row, *_) = (row for row in rows_of(bounds()) if row.quantity == "certified_distance")
    assert row.bounds == "none" and row.layer is None
    assert matches(row, {"bounds": "none", "layer": "none"})
    assert not matches(row, {"bounds": "valid"})


@pytest.mark.parametrize(("points", "known"), [(3, True), (4, False)])
def test_the_norm_at_the_image_is_taken_from_a_grid_only_if_the_image_is_on_it(points, known):
    old = landscape(points=points)
    assert ("norm_at_image" in {row.quantity for row in rows_of(old)}) == known
