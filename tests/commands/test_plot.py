import pytest


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
        ["crit-dist", "--limit", "60"],
        ["landscape", "--points", "12"],
    ],
)
def test_two_of_a_kind_are_overlaid_with_a_legend(run, models, tmp_path, words):
    paths = []
    for name in ("hybrid", "shlp"):
        paths.append(tmp_path / name)
        run(words[0], models[name], *words[1:], "-o", paths[-1])
    figure = tmp_path / "figure.svg"
    run("plot", *paths, "--label", "local learning", "--label", "plain", "-o", figure)
    text = figure.read_text()
    assert "local learning" in text
    assert "plain" in text
    assert "digits" in text
