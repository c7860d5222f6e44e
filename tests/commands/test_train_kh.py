import re

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.distributed import SINGLE_PROCESS
from specrob.experiments import train_local
from specrob.learning.convergence import assess_layer
from specrob.learning.local_training import LocalState
from specrob.learning.rules.krotov_hopfield import KrotovHopfieldRule
from specrob.results import Attempt

SMALL = ("train-kh", "--limit", 300, "--hidden", 5, "--epochs", 60, "--lr", 0.05)
SMALL += ("--batch-size", 50)


def test_it_writes_a_layer_and_says_how_many_units_converged(run, tmp_path):
    path = tmp_path / "kh.safetensors"
    result = run("train-kh", "--hidden", 10, "--epochs", 3, "--seed", 5, "-o", path)
    made = artifacts.read(str(path))
    assert result.stdout == ""
    assert result.stderr == (
        "specrob train-kh: architecture kh, local rule krotov-hopfield, images 1x8x8, "
        "normalize l3, local layer not accepted (more than 90% of the units have to converge "
        "outside the wrong attractor), units 10, converged 0, outside the wrong attractor 0, "
        f"in the wrong attractor {made.fields['wrong_attractor']}, "
        f"never winning {made.fields['never_winning']}\n"
        "specrob train-kh: warning: expected more than 90% of the units to converge outside the "
        "wrong attractor, found 0 of 10 (0.0%); this layer is not accepted: try more --epochs, "
        "another --seed, or several --attempts\n"
    )
    assert made.arrays["hidden.synapses"].shape == (10, 64)
    assert made.provenance.seed == 5
    norms = np.abs(made.arrays["hidden.synapses"].astype(float) ** 3).sum(1) ** (1 / 3)
    np.testing.assert_allclose(made.fields["row_norms"], np.quantile(norms, np.linspace(0, 1, 5)))
    assert made.provenance.data.name == "digits (scikit-learn)"
    assert set(made.provenance.data.digests) == {"train", "test"}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_same_seed_same_bytes(run, tmp_path, precision):
    words = ["train-kh", "--hidden", 10, "--epochs", 3, "--precision", precision]
    made = [artifacts.decode(run(*words).stdout_bytes) for _ in range(2)]
    other = artifacts.decode(run(*words, "--seed", 1).stdout_bytes)
    assert made[0].digest == made[1].digest != other.digest
    first, second = (a.arrays["hidden.synapses"].tobytes() for a in made)
    assert first == second


def test_no_epochs_write_the_initialized_layer(run):
    made = artifacts.decode(
        run("train-kh", "--hidden", 300, "--epochs", 0, "--init-std", 0.5).stdout_bytes
    )
    assert np.isclose(made.arrays["hidden.synapses"].std(), 0.5, rtol=0.02)


def test_p_and_normalization_go_together(run):
    made = artifacts.decode(run("train-kh", "--hidden", 5, "--epochs", 1, "--p", 2).stdout_bytes)
    assert made.fields["normalize"] == "l2"


def test_quiet_is_silent(run):
    assert run("train-kh", "--hidden", 5, "--epochs", 1, "-q").stderr == ""


def synapses(artifact):
    return artifact.arrays["hidden.synapses"]


def test_the_verdict_is_that_of_the_rows_norms(run, tmp_path):
    for words in (SMALL, (*SMALL, "--epochs", 10)):
        made = artifacts.decode(run(*words).stdout_bytes)
        norms = (np.abs(synapses(made).astype(float)) ** 3).sum(1) ** (1 / 3)
        right = synapses(made).mean(1) >= -0.5 * 64 ** (-1 / 3)
        converged = np.abs(norms - 1) < 0.01
        assert made.fields["converged"] == converged.sum()
        assert made.fields["learned"] == (converged & right).sum()
        assert made.fields["accepted"] == ((converged & right).sum() > 4.5)
    assert made.fields["converged"] == 0


def test_an_initialized_layer_has_no_verdict(run):
    result = run("train-kh", "--hidden", 5, "--epochs", 0, "--attempts", 3)
    made = artifacts.decode(result.stdout_bytes)
    assert {"accepted", "attempts"}.isdisjoint(made.fields)
    assert "warning" not in result.stderr


@pytest.fixture
def judged(monkeypatch):
    """Return a function that has so many units learn in the attempts of a run."""

    def judge(*counts):
        ends = iter(counts)

        def judged(rule, state, images, number, processes):
            count = next(ends)
            return Attempt(
                attempt=number,
                epochs=state.epoch,
                converged=5,
                wrong_attractor=5 - count,
                never_winning=0,
                learned=count,
                accepted=count == 5,
            )

        monkeypatch.setattr(train_local, "assess_layer", judged)

    return judge


@pytest.mark.parametrize(
    ("counts", "kept"), [((5,), 0), ((3, 5), 1), ((2, 4, 4), 1), ((4, 0, 3), 0)]
)
def test_attempts_end_with_one_that_is_accepted_or_keep_the_best(run, judged, counts, kept):
    words = (*SMALL, "--epochs", 2, "--attempts", 3)
    judged(*counts)
    result = run(*words)
    made = artifacts.decode(result.stdout_bytes)
    assert [one["learned"] for one in made.fields["attempts"]] == list(counts)
    assert [one["attempt"] for one in made.fields["attempts"]] == list(range(len(counts)))
    assert made.fields["learned"] == counts[kept]
    assert made.fields["accepted"] == (5 in counts)
    assert ("in the best of 3 attempts" in result.stderr) == (5 not in counts)
    judged(*[0] * kept, 5)  # the same attempts, of which all before the kept one fail
    again = artifacts.decode(run(*words).stdout_bytes)
    np.testing.assert_array_equal(synapses(again), synapses(made))


def test_the_first_attempt_is_the_layer_without_attempts_and_others_differ(run, judged):
    alone = artifacts.decode(run(*SMALL, "--epochs", 2).stdout_bytes)
    judged(4, 3)
    first = artifacts.decode(run(*SMALL, "--epochs", 2, "--attempts", 2).stdout_bytes)
    judged(3, 4)
    second = artifacts.decode(run(*SMALL, "--epochs", 2, "--attempts", 2).stdout_bytes)
    np.testing.assert_array_equal(synapses(first), synapses(alone))
    assert (synapses(second) != synapses(alone)).all()


def test_each_seed_has_attempts_of_its_own(run, tmp_path):
    words = (*SMALL, "--epochs", 2, "--attempts", 2, "--seeds", "0,1")
    run(*words, "-o", tmp_path / "kh-{seed}.st")
    made = [artifacts.read(str(tmp_path / f"kh-{seed}.st")) for seed in (0, 1)]
    assert all(len(one.fields["attempts"]) == 2 for one in made)
    assert (synapses(made[0]) != synapses(made[1])).all()


def test_info_and_what_is_trained_above_show_the_verdict(run, tmp_path, judged):
    judged(3, 4)
    kh, hybrid = tmp_path / "kh.st", tmp_path / "hybrid.st"
    run(*SMALL, "--epochs", 2, "--attempts", 2, "-o", kh)
    said = run("info", kh).stdout
    assert re.search(r"outside the wrong attractor +4\n", said)
    assert re.search(r"local rule +krotov-hopfield\n", said)
    assert "not accepted (more than 90% of the units have to converge" in said
    assert "2, with 3, 4 units outside the wrong attractor" in said
    run("train-sup", kh, "--epochs", 1, "-o", hybrid)
    assert "not accepted" in run("info", hybrid).stdout


def test_a_layer_in_the_wrong_attractor_is_not_accepted():
    """Its rows have norm R too, as many as one likes, and answer no image."""
    right, order = torch.eye(20), torch.Generator().get_state()
    wrong = -torch.full((20, 20), 20 ** (-1 / 3))
    images = torch.rand(30, 20, generator=torch.Generator().manual_seed(0))
    for count, accepted in ((0, True), (1, True), (2, False), (20, False)):
        state = LocalState(torch.cat([wrong[:count], right[count:]]), order)
        found = assess_layer(KrotovHopfieldRule(), state, images, 0, SINGLE_PROCESS)
        assert (found.converged, found.wrong_attractor) == (20, count)
        assert (found.learned, found.accepted) == (20 - count, accepted)
