import numpy as np
import pytest

from specrob import artifacts


def test_it_writes_a_layer_and_says_how_many_units_converged(run, tmp_path):
    path = tmp_path / "kh.safetensors"
    result = run("train-kh", "--hidden", 10, "--epochs", 3, "--seed", 5, "-o", path)
    made = artifacts.read(str(path))
    assert result.stdout == ""
    assert result.stderr == (
        "specrob train-kh: architecture kh, images 1x8x8, normalize l3, "
        f"converged {made.fields['converged']} of 10 units, "
        f"in the wrong attractor {made.fields['wrong_attractor']}, "
        f"never winning {made.fields['never_winning']}\n"
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
