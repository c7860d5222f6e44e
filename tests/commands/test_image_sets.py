"""Images that commands write are read as they are, by the network that they were made with too."""

import numpy as np
import pytest

from specrob.artifacts import read

ATTACK = ("--method", "fgsm", "--eps", 0.1, "--limit", 20)


@pytest.fixture(scope="module")
def cropped(run, tmp_path_factory):
    """Return a network whose images are resized and cropped."""
    file = tmp_path_factory.mktemp("cropped") / "net.safetensors"
    run("train-sup", "--arch", "linear", "--resize", "10:8", "--epochs", 1, "-o", file)
    return file


def test_their_size_is_not_changed_again(run, cropped, tmp_path):
    saved = ("--save-data", tmp_path / "set.npz", "--images-title", "attacked")
    run("attack", cropped, *ATTACK, *saved, "-o", tmp_path / "a.json")
    run("attack", cropped, "--data", tmp_path / "set.npz", *ATTACK, "--eps", 0, "--save",
        tmp_path / "x.npz", "-o", tmp_path / "b.json")  # fmt: skip
    shown = read(str(tmp_path / "x.npz"))
    np.testing.assert_array_equal(shown.arrays["x"][0], np.load(tmp_path / "set.npz")["x_test"])
    assert shown.provenance.data.name == "attacked"


def test_two_outputs_are_two_files(run, cropped, tmp_path):
    both = ("--save", tmp_path / "x.npz", "--save-data", tmp_path / "x.npz")
    told = run("attack", cropped, *ATTACK, *both, code=2).stderr
    assert "--save-data: expected a file other than the output" in told
    assert not (tmp_path / "x.npz").exists()


def test_a_title_is_one_of_written_images(run, cropped):
    told = run("attack", cropped, *ATTACK, "--images-title", "x", code=2).stderr
    assert "--images-title: expected with --save-data, found none" in told


def test_claims_ask_what_a_transform_changes(run, tmp_path):
    run("train-sup", "--arch", "linear", "--epochs", 40, "--seeds", "0,1,2",
        "-o", tmp_path / "net-{seed}.safetensors")  # fmt: skip
    for name, words in {"plain": (), "few": ("--transform", "pca:8")}.items():
        run("crit-dist", tmp_path / "net-{seed}.safetensors", "--method", "fgsm", "--limit", 60,
            "--bounds", "none", *words, "-o", tmp_path / f"net-{{seed}}.{name}.npz")  # fmt: skip
    (tmp_path / "claims.toml").write_text(
        """[[claim]]
id = "fewer"
kind = "different"
quantity = "distance"
a = "net"
where = { transform = "none" }
where_b = { transform = "pca:8" }
"""
    )
    run("compare", "--claims", tmp_path / "claims.toml", tmp_path, "-o", tmp_path / "c.json")
    (one,) = read(str(tmp_path / "c.json")).fields["answers"]
    assert one["b"] == "net with transform pca:8"
    assert one["images"] > 20
    ratios = np.divide(one["values_a"], one["values_b"])
    assert one["effect"] == pytest.approx(np.exp(np.log(ratios).mean()))


@pytest.mark.parametrize("command", ["invert", "attack"])
def test_networks_of_transformed_images_say_what_to_do(run, tmp_path, command):
    file, target = tmp_path / "net.safetensors", tmp_path / "set.npz"
    how = ("--arch", "linear", "--transform", "pca:9", "--epochs", 1)
    run("train-sup", *how, "-o", file)
    words = ("-o", target) if command == "invert" else (*ATTACK, "--save-data", target, "-o", "-")
    told = run(command, file, *words, code=1).stderr
    assert "found one whose images are transformed (pca:9); set --transform none" in told


def test_a_seed_in_the_name_of_what_is_written_alone_is_refused(run, cropped, tmp_path):
    saved = ("--save-data", tmp_path / "set-{seed}.npz")
    told = run("attack", cropped, *ATTACK, *saved, code=2).stderr
    assert "--save-data: expected {seed} in the name of what is read too" in told


def test_a_split_that_is_missing_is_made_by_its_command(run, cropped, tmp_path):
    saved = ("--save-data", tmp_path / "set.npz")
    run("attack", cropped, *ATTACK, *saved, "-o", tmp_path / "a.json")
    how = ("--data", tmp_path / "set.npz", "--arch", "linear", "-o", tmp_path / "x.safetensors")
    told = run("train-sup", *how, code=1).stderr
    assert "run the command that made it with --split train, too" in told


def test_a_step_of_levels_is_a_length(run, cropped):
    told = run("attack", cropped, "--method", "pgd", "--step-size", "2/255", code=2).stderr
    assert "expected a share of eps, or a length, 2/255abs, found `2/255`" in told
