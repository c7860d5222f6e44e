import numpy as np
import pytest
from safetensors.numpy import save_file

from specrob import artifacts
from specrob.artifacts import read


def test_a_read_out_leaves_the_layer_as_it_was(run, models):
    kh, hybrid = (artifacts.read(str(models[name])) for name in ("kh", "hybrid"))
    assert np.array_equal(kh.arrays["hidden.synapses"], hybrid.arrays["hidden.synapses"])
    assert hybrid.fields["arch"] == "hybrid"
    assert hybrid.fields["options"]["power"] == 4.5
    assert hybrid.fields["normalize"] == "l3"
    assert hybrid.fields["test_accuracy"] > 0.6
    assert len(hybrid.fields["history"]["loss"]) == 40


def test_the_last_line_of_the_history_is_the_accuracy(models):
    shlp = artifacts.read(str(models["shlp"]))
    assert shlp.fields["history"]["test_accuracy"][-1] == pytest.approx(
        shlp.fields["test_accuracy"], abs=1e-6
    )
    assert shlp.fields["normalize"] == "none"


def test_accuracy_is_what_attack_measures(run, models):
    for name in ("hybrid", "shlp"):
        made = artifacts.read(str(models[name]))
        found = artifacts.decode(run("attack", models[name], "--eps", "0").stdout_bytes)
        assert found.fields["clean_accuracy"] == pytest.approx(made.fields["test_accuracy"])


@pytest.mark.parametrize("extra", [["--normalize", "standard"], ["--batch-norm"], ["--power", 2]])
def test_variants_train_and_are_read_again(run, extra):
    made = run("train-sup", "--arch", "shlp", "--hidden", 30, "--epochs", 15, *extra).stdout_bytes
    fields = artifacts.decode(made).fields
    assert fields["test_accuracy"] > 0.7
    assert fields["training"]["precision"] == "float32"
    found = artifacts.decode(run("attack", "--eps", "0", input=made).stdout_bytes)
    assert found.fields["clean_accuracy"] == pytest.approx(fields["test_accuracy"])


ROUNDED = {
    "plain": "--arch shlp --hidden 30",
    "batch norm": "--arch mlp --hidden 30 --batch-norm --penalty spectral=1,tau=5,refresh=epoch",
    "whitened": "--arch mlp --hidden 30,20 --whiten blocks.0 --penalty spectral=1,tau=2",
    "latent": "--arch shlp --hidden 30 --penalty jacobian=1e-3,of=latent --penalty l2=1e-4",
    "projections": "--arch mlp --hidden 30,20 --penalty jacobian=1e-3,of=logits,n_proj=2",
}


@pytest.mark.parametrize("name", ROUNDED)
def test_training_in_bfloat16_leaves_accuracy_within_its_error(run, name):
    words = ["train-sup", *ROUNDED[name].split(), "--epochs", 15, "--precision"]
    exact, rounded = (
        artifacts.decode(run(*words, precision).stdout_bytes)
        for precision in ("float32", "bfloat16")
    )
    assert rounded.fields["training"]["precision"] == "bfloat16"
    assert rounded.provenance.precision == "bfloat16"
    assert {str(values.dtype) for values in rounded.arrays.values()} <= {"float32", "int64"}
    assert any((exact.arrays[name] != rounded.arrays[name]).any() for name in exact.arrays)
    accuracies = exact.fields["test_accuracy"], rounded.fields["test_accuracy"]
    assert accuracies[1] == pytest.approx(accuracies[0], abs=0.05)  # of 360 images


@pytest.mark.parametrize(
    "penalty",
    [
        *("jacobian=1e-3", "jacobian=0.01,of=loss", "spectral=1,tau=5,layers=all"),
        *("spectral=0.1,tau=2,refresh=epoch", "spectral=0.1,refresh=3", "covariance=0.01"),
        "jacobian-sum=0.5",
    ],
)
def test_every_penalty_trains_and_is_noted(run, penalty):
    words = ["--arch", "mlp", "--hidden", "30,20", "--activation", "tanh", "--epochs", 8]
    made = artifacts.decode(run("train-sup", *words, "--penalty", penalty).stdout_bytes)
    name = penalty.partition("=")[0]
    history = made.fields["history"]
    assert len(history["penalties"][name]) == 8
    assert min(history["penalties"][name]) > 0
    assert history["loss"][-1] < history["loss"][0]
    if name == "spectral":
        assert len(history["alpha latent" if "all" not in penalty else "alpha blocks.0"]) == 8


def test_adversarial_training_makes_accuracy_robust_and_distances_long(run):
    words = ["--arch", "mlp", "--hidden", 40, "--epochs", 25]
    medians, robust, histories = [], [], []
    for extra in ([], ["--adversarial", "pgd,eps=0.15"]):
        made = run("train-sup", *words, *extra).stdout_bytes
        histories.append(artifacts.decode(made).fields["history"])
        found = run("crit-dist", "--limit", 150, input=made).stdout_bytes
        medians.append(np.nanmedian(artifacts.decode(found).arrays["distance"]))
        how = ("--method", "pgd", "--steps", 20, "--random-start", "--eps", "0.15")
        curve = artifacts.decode(run("attack", *how, "--limit", 150, input=made).stdout_bytes)
        robust.append(curve.fields["robust_accuracy"][0])
    assert medians[1] > 1.3 * medians[0]
    assert robust[1] > robust[0] + 0.15
    plain, adversarial = histories
    assert "robust_train_accuracy" not in plain
    assert abs(adversarial["robust_train_accuracy"][-1] - robust[1]) < 0.1
    assert adversarial["train_accuracy"][-1] > adversarial["robust_train_accuracy"][-1] + 0.1


def test_adversarial_training_ends_at_a_level_of_the_clean_accuracy(run):
    words = ["--arch", "mlp", "--hidden", 40, "--epochs", 40, "--until", "train_accuracy=0.8"]
    made = artifacts.decode(run("train-sup", *words, "--adversarial", "pgd,eps=0.15").stdout_bytes)
    history = made.fields["history"]
    assert made.fields["training"]["reached"]
    assert history["train_accuracy"][-1] >= 0.8 > history["train_accuracy"][-2]
    assert history["robust_train_accuracy"][-1] < 0.8


def test_whitening_trains_and_is_kept(run):
    words = ["--arch", "mlp", "--hidden", "20,15", "--whiten", "blocks.0", "--epochs", 10]
    made = run("train-sup", *words).stdout_bytes
    fields = artifacts.decode(made).fields
    assert fields["options"]["whiten"] == "blocks.0"
    assert fields["test_accuracy"] == pytest.approx(fields["history"]["test_accuracy"][-1])
    spectrum = run("spectrum", "--layer", "blocks.0", "--split", "train", input=made)
    values = artifacts.decode(spectrum.stdout_bytes).arrays["eigenvalues"][0]
    assert values[0] < 1.01


@pytest.mark.parametrize(
    "text",
    ["pgd", "pgd,eps=0", "pgd,eps=x", "cw,eps=1", "fgsm,eps=0.1,steps=3", "fgsm,eps=0.1,norm=l1"],
)
def test_adversaries_that_cannot_work_are_refused(run, text):
    result = run("train-sup", "--arch", "linear", "--adversarial", text, code=2)
    assert "expected" in result.stderr


def test_penalties_on_a_hybrid_leave_its_layer_frozen(run, models):
    words = [models["kh"], "--epochs", 2, "--penalty", "jacobian=1e-3,of=logits"]
    made = artifacts.decode(run("train-sup", *words).stdout_bytes)
    kh = artifacts.read(str(models["kh"]))
    assert np.array_equal(kh.arrays["hidden.synapses"], made.arrays["hidden.synapses"])
    assert made.fields["history"]["penalties"]["jacobian"][-1] > 0


def test_spectral_penalty_brings_the_exponent_to_its_target(run):
    """Alpha of 30 units over ranks 5..25: near 1, and far above without the penalty.

    The batch is the training set: the spectrum of a small batch falls faster than the true one,
    so that bringing it to 1/n would leave the true one flatter.
    """
    words = ["--arch", "mlp", "--hidden", 30, "--activation", "tanh", "--batch-norm"]
    words += ["--epochs", 600, "--lr", "3e-3", "--batch-size", 1437]
    found = {}
    for name, extra in {"plain": [], "spectral": ["--penalty", "spectral=5,tau=5"]}.items():
        made = run("train-sup", *words, *extra).stdout_bytes
        spectrum = run("spectrum", "--layer", "latent", "--split", "train", input=made)
        law = run("fit-alpha", "--range", "5:25", input=spectrum.stdout_bytes).stdout
        found[name] = artifacts.decode(law.encode()).fields["fits"][0]["alpha"]
    assert abs(found["spectral"] - 1) < 0.1
    assert found["plain"] > 2


def test_penalties_are_in_the_history(run):
    words = ["train-sup", "--arch", "linear", "--epochs", 3, "--penalty", "l2=0.01"]
    made = artifacts.decode(run(*words).stdout_bytes)
    assert len(made.fields["history"]["penalties"]["l2"]) == 3


def test_penalties_that_nothing_trained_feels_are_refused(run, models):
    for penalty in ("jacobian=1e-3", "spectral=1,tau=2,layers=hidden"):
        result = run("train-sup", models["kh"], "--epochs", 1, "--penalty", penalty, code=1)
        assert "found hidden frozen" in result.stderr


def test_small_batches_under_a_spectral_penalty_are_said_and_recorded(run):
    words = ["--arch", "mlp", "--hidden", 200, "--epochs", 1, "--penalty", "spectral=0.1"]
    result = run("train-sup", *words)
    assert "batches of 144 are smaller than the layer latent" in result.stderr
    training = artifacts.decode(result.stdout_bytes).fields["training"]
    assert training["batch_below_layers"] == ["latent"]


def test_a_factory_follows_the_seed_also_in_its_dropout(run, tmp_path, monkeypatch):
    (tmp_path / "droppers.py").write_text(
        "from torch import nn\n"
        "def net():\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.Dropout(0.5),"
        " nn.Linear(9, 10))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    words = ["train-sup", "--arch", "droppers:net", "--epochs", 2]
    first, again, other = (
        artifacts.decode(run(*words, "--seed", seed).stdout_bytes).digest for seed in (3, 3, 4)
    )
    assert first == again != other


def test_training_goes_on_from_a_network(run, models):
    result = run("train-sup", models["shlp"], "--epochs", 2)
    made = artifacts.decode(result.stdout_bytes)
    assert made.fields["test_accuracy"] > 0.8
    assert made.provenance.inputs[0].kind == "model"


def test_same_seed_same_bytes(run, models):
    words = ["train-sup", "--arch", "shlp", "--hidden", 8, "--epochs", 2]
    digests = {artifacts.decode(run(*words).stdout_bytes).digest for _ in range(2)}
    assert len(digests) == 1


def test_a_factory_of_ones_own_is_trained_and_measured(run, tmp_path, monkeypatch):
    (tmp_path / "ownnets.py").write_text(
        "from torch import nn\n"
        "def tiny(width=6):\n"
        "    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.Tanh(),"
        " nn.Linear(width, 10))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    arch = ["--arch", "ownnets:tiny,width=7"]
    made = run("train-sup", *arch, "--epochs", 2).stdout_bytes
    assert artifacts.decode(made).arrays["1.weight"].shape == (7, 64)
    spectrum = artifacts.decode(
        run("spectrum", *arch[:1], "ownnets:tiny", input=made).stdout_bytes
    )
    assert spectrum.arrays["size"].tolist() == [7]
    assert spectrum.arrays["layer"].tolist() == ["penultimate"]


def test_each_seed_gives_the_member_that_it_gives_alone(run, tmp_path):
    how = ("--arch", "shlp", "--hidden", 5, "--epochs", 2, "--limit", 300)
    both = run("train-sup", *how, "--seeds", "0,3", "-o", tmp_path / "bp-{seed}.safetensors")
    heads = [line.partition(": ")[0] for line in both.stderr.splitlines()]
    assert heads == ["specrob train-sup --seed 0", "specrob train-sup --seed 3"]
    run("train-sup", *how, "--seed", 3, "-o", tmp_path / "alone.safetensors")
    member, alone = (read(str(tmp_path / f"{n}.safetensors")) for n in ("bp-3", "alone"))
    assert member.digest == alone.digest != read(str(tmp_path / "bp-0.safetensors")).digest
    words = member.provenance.command
    assert "--seeds" not in words
    assert words[-2:] == ("--seed", "3")


def test_members_are_drawn_as_mean_and_spread(run, tmp_path):
    how = ("--arch", "shlp", "--hidden", 5, "--epochs", 3, "--limit", 300)
    run("train-sup", *how, "--seeds", "0,1,2", "-o", tmp_path / "bp-{seed}.safetensors")
    for seed in range(3):
        member = tmp_path / f"bp-{seed}.safetensors"
        run("attack", member, "--eps", "0,0.1,0.2", "-o", tmp_path / f"bp-{seed}.json")
    for suffix in ("safetensors", "json"):
        run("plot", tmp_path / ("bp-{seed}." + suffix), "-o", tmp_path / f"{suffix}.svg")
        assert "bp, mean ± s.d. of 3" in (tmp_path / f"{suffix}.svg").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--arch", "shlp", "--seeds", "0,1", "-o", "bp.safetensors"), "{seed} in its name"),
        (("--seeds", "0,1", "-o", "bp-{seed}"), "MODEL as a file"),
        (("--arch", "shlp", "--seeds", "0,1", "--seed", "1", "-o", "bp-{seed}"), "found both"),
        (("--arch", "shlp", "--seeds", "0,0", "-o", "bp-{seed}"), "different whole numbers"),
        (("--arch", "shlp", "--seeds", "0,1", "-o", "-"), "{seed} in its name"),
    ],
)
def test_seeds_that_cannot_be_members_are_refused(run, words, told):
    assert told in run("train-sup", *words, code=2).stderr


def test_networks_of_torchvision_are_trained_and_trained_on(run, tmp_path):
    rng, pixels = np.random.default_rng(0), tmp_path / "pixels.npz"
    x, y = rng.random((20, 3, 32, 32), dtype=np.float32), np.arange(20) % 2
    np.savez(pixels, x_train=x, y_train=y, x_test=x, y_test=y)
    data = ("--data", pixels, "--epochs", 1)
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    run("train-sup", "--arch", "torchvision:mnasnet0_5", *data, "-o", first)
    run("train-sup", first, *data, "-o", second)
    assert read(str(second)).fields["arch"] == "torchvision:mnasnet0_5"
    raw = tmp_path / "raw.safetensors"
    save_file(dict(read(str(first)).arrays), raw)
    run("train-sup", raw, "--arch", "torchvision:mnasnet0_5", *data, "-o", second)
    assert read(str(second)).fields["classes"] == read(str(first)).fields["classes"]


@pytest.mark.parametrize(("attack", "warned"), [("eps=8", True), ("eps=8,norm=l2", False)])
def test_a_radius_in_levels_is_warned_of(run, tmp_path, attack, warned):
    words = ("--arch", "linear", "--epochs", 1, "--limit", 50, "--adversarial", f"fgsm,{attack}")
    said = run("train-sup", *words, "-o", tmp_path / "m.safetensors").stderr
    assert ("eps 8 of the attack in training is wider than the range of a pixel" in said) == warned
