"""Round trips, digests, sniffing, provenance."""

import io
import json

import numpy as np
import pytest

from specrob.artifacts import (
    Artifact,
    Data,
    Provenance,
    Source,
    decode,
    encode,
    read,
    write,
)
from specrob.artifacts.folder import scan
from specrob.artifacts.formats import SCHEMA, sniff
from specrob.errors import ArtifactError, OutputError
from specrob.registry import KINDS

MODEL = {"arch": "linear", "shape": [1, 2, 2], "classes": 2, "normalize": "none"}
ROBUSTNESS = {
    **{"method": "fgsm", "norm": "l2", "clean_accuracy": 1.0, "n_images": 2, "n_attacked": 2},
    **{"eps": [0.1], "relative_accuracy": [None], "robust_accuracy": [0.0]},
}


def provenance():
    data = Data("digits", "digits", "data", {"train": "ab", "test": "cd"})
    first = Provenance(("specrob", "train-kh"), seed=1, device="cpu", data=data)
    return Provenance(("specrob", "prune"), inputs=(Source("-", "model", "ef", first),))


def examples():
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    yield Artifact("model", {"w": array, "n": np.array(3)}, MODEL, provenance())
    columns = {"source": np.array(["images", "noise"]), "layer": np.array(["a", "b"])}
    numbers = {"eigenvalues": array[:, ::-1], "size": np.arange(2), "n_images": np.arange(2)}
    yield Artifact("spectrum", columns | numbers, {"note": "x"}, provenance())
    yield Artifact("robustness", {}, ROBUSTNESS, provenance())
    yield Artifact("power-law", {}, {"fits": [{"alpha": None}]}, Provenance())


@pytest.mark.parametrize("artifact", list(examples()), ids=lambda a: a.kind)
def test_round_trip(artifact, tmp_path):
    path = str(tmp_path / "artifact")
    write(artifact, path)
    found = read(path)
    assert (found.kind, found.fields, found.digest) == (
        artifact.kind,
        artifact.fields,
        artifact.digest,
    )
    assert found.provenance == artifact.provenance
    for name, array in artifact.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert np.array_equal(found.arrays[name], array)


@pytest.mark.parametrize("artifact", list(examples()), ids=lambda a: a.kind)
def test_formats_show_in_the_first_bytes(artifact):
    assert sniff(encode(artifact)) == KINDS[artifact.kind].format


def test_json_that_begins_like_safetensors_is_json():
    assert sniff(b'{"kind":{') == "json"


def test_digests_are_of_the_content_only():
    base = Artifact("spectrum", {"a": np.zeros(3)}, {"x": 1})
    assert base.digest == Artifact("spectrum", {"a": np.zeros(3)}, {"x": 1}, provenance()).digest
    for other in (
        Artifact("spectrum", {"a": np.zeros(3, np.float32)}, {"x": 1}),
        Artifact("spectrum", {"a": np.zeros((3, 1))}, {"x": 1}),
        Artifact("spectrum", {"b": np.zeros(3)}, {"x": 1}),
        Artifact("spectrum", {"a": np.zeros(3)}, {"x": 2}),
        Artifact("landscape", {"a": np.zeros(3)}, {"x": 1}),
    ):
        assert base.digest != other.digest


@pytest.mark.parametrize("artifact", list(examples()), ids=lambda a: a.kind)
def test_every_cut_is_noticed(artifact):
    whole = encode(artifact)
    for length in range(0, len(whole) - 1, max(1, len(whole) // 60)):
        with pytest.raises(ArtifactError):
            decode(whole[:length])


def test_letters_beyond_unicode_are_broken_bytes():
    letters = np.array(["ab"])
    letters.view(np.uint32)[1] = 2**31
    file = io.BytesIO()
    np.savez(file, letters=letters)
    with pytest.raises(ArtifactError, match="letters beyond Unicode"):
        decode(file.getvalue())


def test_links_in_a_circle_are_passed_over(tmp_path):
    write(Artifact("robustness", {}, ROBUSTNESS, Provenance()), str(tmp_path / "a.json"))
    (tmp_path / "b").symlink_to(tmp_path / "c")
    (tmp_path / "c").symlink_to(tmp_path / "b")
    assert [entry.name for entry in scan(str(tmp_path)).entries] == ["a.json"]


def test_a_newer_schema_says_so():
    text = encode(next(a for a in examples() if a.kind == "robustness")).decode()
    newer = json.loads(text)
    newer["meta"]["schema"] = SCHEMA + 1
    with pytest.raises(ArtifactError, match="upgrade specrob"):
        decode(json.dumps(newer).encode())


def test_not_a_number_never_reaches_json():
    broken = Artifact("robustness", {}, ROBUSTNESS | {"eps": [float("nan")]})
    with pytest.raises(ValueError, match="JSON"):
        encode(broken)


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "old"
    path.write_bytes(b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="no space left"):
        write(next(examples()), str(path))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_scripts_join_pipes_and_order_files():
    kh = Provenance(("specrob", "train-kh", "-o", "a b"))
    spectrum = Provenance(("specrob", "spectrum"), inputs=(Source("a b", "model", "", kh),))
    fit = Provenance(("specrob", "fit-alpha"), inputs=(Source("-", "spectrum", "", spectrum),))
    assert fit.script() == [
        "specrob train-kh -o 'a b'",
        "specrob spectrum | specrob fit-alpha",
    ]
    foreign = Provenance(("specrob", "info"), inputs=(Source("x", "arrays", "", Provenance()),))
    assert foreign.script() == ["# x: made elsewhere", "specrob info"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"resize": "5:9"}, "CROP up to N, found `5:9`"),
        ({"resize": 0}, "found `0`"),
        ({"transform": ["bogus:3"]}, "found `bogus:3`"),
    ],
)
def test_images_that_cannot_be_made_again_are_found_as_the_file_is_read(wrong, told, tmp_path):
    whole = json.loads(encode(Artifact("robustness", {}, ROBUSTNESS, provenance())))
    whole["meta"]["provenance"]["inputs"][0]["provenance"]["data"].update(wrong)
    with pytest.raises(ArtifactError, match=f"in net.json, found broken bytes .*{told}"):
        decode(json.dumps(whole).encode(), "net.json")
