import shutil

import pytest

from specrob import artifacts


@pytest.mark.parametrize(
    ("suffix", "head"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_formats_follow_the_name(run, models, tmp_path, suffix, head):
    path = tmp_path / f"figure.{suffix}"
    run("plot", models["kh"], "-o", path)
    assert path.read_bytes().startswith(head)


def test_stdout_is_png(run, models):
    assert run("plot", models["shlp"]).stdout_bytes.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "words",
    [
        ["spectrum", "--noise", "--sizes", "10,30"],
        ["attack", "--eps", "0,0.1,1"],
        ["crit-dist", "--limit", "60", "--mixed"],
        ["landscape", "--points", "12"],
    ],
)
def test_two_of_a_kind_are_overlaid_with_a_legend(run, models, tmp_path, words):
    paths = []
    for name in ("hybrid", "shlp"):
        paths.append(tmp_path / name)
        run(words[0], models[name], *(w for w in words[1:] if w != "--mixed"), "-o", paths[-1])
    figure, mixed = tmp_path / "figure.svg", ["--mixed"] if "--mixed" in words else []
    run("plot", *paths, *mixed, "--label", "local learning", "--label", "plain", "-o", figure)
    text = figure.read_text()
    assert "local learning" in text
    assert "plain" in text
    assert "digits" in text


LAYOUT = """
[networks]
hybrid = "local learning"
shlp = "plain"

[[rows]]
panels = [
    { artifacts = ["{network}.npz"], mixed = true },
    { artifacts = ["{network}.safetensors", "{network}.npz"], relate = ["accuracy", "distance"] },
]

[[rows]]
panels = [{ artifacts = ["{network}.safetensors"], part = "history" }]
"""


@pytest.fixture(scope="module")
def measured(run, models):
    """Return the folder of the models, with distances of two of them beside."""
    folder = models["shlp"].parent
    for name in ("hybrid", "shlp"):
        run("crit-dist", models[name], "--limit", 60, "-o", folder / f"{name}.npz")
    return folder


def test_a_layout_draws_panels_of_several_kinds(run, measured, tmp_path):
    layout, out = tmp_path / "figure.toml", tmp_path / "figure.svg"
    layout.write_text(LAYOUT)
    run("plot", "--layout", layout, "--root", measured, "-o", out)
    text = out.read_text()
    assert text.count(">local learning<") == text.count(">plain<") == 1
    assert text.count("Images: digits") == 1
    assert "median critical distance" in text
    (measured / "figure.toml").write_text(LAYOUT)
    run("plot", "--layout", measured / "figure.toml", "-o", tmp_path / "same.svg")
    assert (tmp_path / "same.svg").read_text() == text


def test_distances_of_networks_that_err_on_different_images_ask_for_mixed(run, measured, tmp_path):
    files = [measured / f"{name}.npz" for name in ("hybrid", "shlp")]
    shown = [artifacts.read(str(file)).fields for file in files]
    assert shown[0]["selection"] == shown[1]["selection"]
    assert shown[0]["attacked"] != shown[1]["attacked"]
    out = ("-o", tmp_path / "figure.png")
    refused = run("plot", *files, *out, code=1).stderr
    assert "found networks that classify different ones correctly" in refused
    assert "by `only`, or set --mixed" in refused
    run("plot", *files, "--mixed", *out)
    run("plot", files[0], files[0], *out)
    for seed, file in enumerate(files):  # seeds of one network are pooled
        shutil.copy(file, tmp_path / f"run-{seed}.npz")
    run("plot", tmp_path / "run-{seed}.npz", *out)
    assert "--mixed" in run("plot", tmp_path / "run-{seed}.npz", files[0], *out, code=1).stderr


def test_curves_of_the_same_images_shown_are_overlaid(run, measured, models, tmp_path):
    for name in ("hybrid", "shlp"):
        run(
            "attack",
            models[name],
            "--limit",
            60,
            "--eps",
            "0,0.1",
            "-o",
            tmp_path / f"{name}.json",
        )
    files = [tmp_path / f"{name}.json" for name in ("hybrid", "shlp")]
    assert len({artifacts.read(str(file)).fields["attacked"] for file in files}) == 2
    for part in ("robust_accuracy", "relative_accuracy"):
        run("plot", *files, "--part", part, "-o", tmp_path / "figure.png")


def test_relations_have_a_point_for_each_network(run, measured, tmp_path):
    out = tmp_path / "relation.svg"
    files = [measured / name for name in ("hybrid.npz", "shlp.npz", "shlp.safetensors")]
    run("plot", "--relate", "accuracy,distance", *files, "-o", out)
    assert out.read_text().count(">shlp<") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.npz", "--layout", "f.toml"], "--layout: expected no file beside it, found a.npz"),
        (["--mixed", "--layout", "f.toml"], "--layout: expected no --mixed beside it, found one"),
        (["a.npz", "--root", "."], "--root: expected --layout beside it, found none"),
        (
            ["a.npz", "--relate", "alpha"],
            "expected two quantities X,Y, or X,Y,Z for colours, found `alpha`",
        ),
        (["a.npz", "--label", "a", "--label", "b"], "--label: expected one for each of 1"),
    ],
)
def test_what_the_command_line_alone_shows_to_be_wrong(run, tmp_path, words, message):
    assert message in run("plot", *words, "-o", tmp_path / "a.png", code=2).stderr


def test_a_wrong_layout_is_one_line(run, tmp_path):
    layout = tmp_path / "figure.toml"
    layout.write_text("rows = 3")
    result = run("plot", "--layout", layout, "-o", tmp_path / "a.png", code=1)
    assert result.stderr.count("\n") == 1
    assert f"expected the layout of a figure in {layout}, found: Expected array" in result.stderr


def test_a_part_that_the_kind_has_not_is_named(run, models, tmp_path):
    words = [models["shlp"], "--part", "noise", "-o", tmp_path / "a.png"]
    assert "one of weights, variances, history" in run("plot", *words, code=1).stderr


def test_seeds_of_a_measure_are_one_network(run, models, tmp_path):
    for seed, name in enumerate(("hybrid", "shlp")):
        run("smoothness", models[name], "--limit", 9, "--layer", "logits", "-o",
            tmp_path / f"run-{seed}.smoothness.json")  # fmt: skip
    out, source = tmp_path / "norms.svg", tmp_path / "run-{seed}.smoothness.json"
    run("plot", source, "--title", "none", "--width", 3, "--font-size", 9, "-o", out)
    text = out.read_text()
    assert ">run, mean ± s.d. of 2<" in text
    assert "Images:" not in text
    assert 'width="216pt"' in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--xscale", "cubic"], "expected auto or linear or log, found `cubic`"),
        (["--width", "0"], "expected a number above 0"),
        (["--width", "0.01"], "--width: expected a number of at least 1, found 0.01"),
        (["--font-size", "1000"], "--font-size: expected a number up to 100, found 1000"),
        (["--layout", "f.toml", "--xscale", "log"], "expected no --xscale beside it"),
    ],
)
def test_wrong_looks_are_a_matter_of_the_command_line(run, tmp_path, words, message):
    assert message in run("plot", *words, "-o", tmp_path / "a.png", code=2).stderr


def test_a_folder_is_no_file_to_plot(run, tmp_path):
    said = run("plot", tmp_path, "-o", tmp_path / "a.png", code=1).stderr
    assert f"found a folder: {tmp_path}; name files in it; folders are for `specrob table`" in said
