"""What the tests of the whole share: one small artifact of every kind, and bad files."""

import contextlib
import io
import os
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch
from PIL import Image
from typer.testing import CliRunner

from specrob.artifacts import encode, read
from specrob.cli import app
from warm_start import warm_start

# workers run side by side: threads of their own would only wait for one another
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Return the folder in which principal components are kept while tests run."""
    os.environ["TORCH_HOME"] = str(tmp_path_factory.mktemp("cache"))
    return Path(torch.hub.get_dir()) / "specrob"


MADE = """
train-kh --hidden 8 --epochs 2 -o kh.safetensors
train-sup kh.safetensors --epochs 2 -o hybrid.safetensors
train-sup --arch shlp --hidden 8 --epochs 2 -o bp.safetensors
spectrum images -o spectrum.npz
fit-alpha spectrum.npz -o power-law.json
attack bp.safetensors --method fgsm --eps 0,0.1 --limit 50 -o robustness.json
crit-dist bp.safetensors --method fgsm --limit 50 -o distances.npz
certify bp.safetensors --norm linf --limit 50 --distances distances.npz -o bounds.npz
landscape bp.safetensors --points 4 -o landscape.npz
sensitivity bp.safetensors --ranks 1,3 -o sensitivity.npz
smoothness bp.safetensors --limit 20 -o smoothness.json
dimension bp.safetensors --layer input --limit 50 -o dimension.json
"""


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """Return a folder with the artifacts of `MADE`, all on the digits."""
    folder = tmp_path_factory.mktemp("workshop")
    with contextlib.chdir(folder):
        for line in filter(None, MADE.splitlines()):
            result = CliRunner().invoke(app, shlex.split(line))
            assert result.exit_code == 0, result.stderr
    return folder


DIGITS = np.random.default_rng(0).random((12, 8, 8))
LABELS = np.arange(12) % 10


def npz(save=np.savez, **arrays):
    buffer = io.BytesIO()
    save(buffer, **arrays)
    return buffer.getvalue()


def data(**changes):
    given = {"x_train": DIGITS, "y_train": LABELS, "x_test": DIGITS, "y_test": LABELS}
    return npz(**{k: v for k, v in (given | changes).items() if v is not None})


def model(**facts):
    kh = read("kh.safetensors")
    return encode(replace(kh, fields={**kh.fields, **facts}))


def synapses(value, dtype=np.float32):
    kh = read("kh.safetensors")
    array = np.full_like(kh.arrays["hidden.synapses"], value, dtype)
    return encode(replace(kh, arrays={"hidden.synapses": array}))


def changed(name, old, new):
    whole = Path(name).read_bytes()
    assert old in whole, name
    return whole.replace(old, new)


BAD = {  # name -> its bytes, made in a folder that holds the good files
    "empty": lambda: b"",
    "random": lambda: np.random.default_rng(0).bytes(5000),
    "cut.safetensors": lambda: Path("kh.safetensors").read_bytes()[:-100],
    "cut.npz": lambda: Path("spectrum.npz").read_bytes()[:-200],
    "cut.json": lambda: Path("power-law.json").read_bytes()[:-20],
    "lying.safetensors": lambda: (2**31).to_bytes(8, "little") + b'{"a": 1}',
    "array.npy": lambda: b"\x93NUMPY\x01\x00" + bytes(100),
    "pickled.npz": lambda: npz(x=np.array([{}], dtype=object)),
    "bomb.npz": lambda: npz(np.savez_compressed, x=np.zeros(10**7)),
    "vast.npz": lambda: data().replace(b"(12, 8, 8)", b"(9<<62, 8)"),
    "newer.safetensors": lambda: changed("kh.safetensors", b'schema\\": 1', b'schema\\": 9'),
    "newer.json": lambda: changed("power-law.json", b'"schema": 1', b'"schema": 9'),
    "list.json": lambda: b"[1, 2]",
    "loose.json": lambda: b'{"kind": "power-law", "fits": []}',
    "nan.json": lambda: changed("robustness.json", b'"clean_accuracy": ', b'"x": NaN, "y": '),
    "words.json": lambda: changed("robustness.json", b'"eps": [', b'"eps": ["a", '),
    "kind.json": lambda: changed("power-law.json", b'"kind": "power-law"', b'"kind": {"a": 1}'),
    "history.json": lambda: changed("power-law.json", b'"command": [', b'"command": [{}, '),
    "loose.npz": lambda: npz(meta=np.array("{}"), eigenvalues=np.ones((1, 5))),
    "nan.safetensors": lambda: synapses(np.nan),
    "bool.safetensors": lambda: synapses(1, np.bool_),
    "vast.safetensors": lambda: model(options={"hidden": 10**12, "p": 3.0}),
    "shape.safetensors": lambda: model(shape="1x8x8"),
    "norm.safetensors": lambda: model(normalize="loud"),
    "factory.safetensors": lambda: model(arch="trap:make"),
    "trap.py": lambda: b"raise SystemExit('imported')",
    "broken.py": lambda: b"def make(:",
    "raw.safetensors": lambda: raw(64),
    "raw25.safetensors": lambda: raw(25),
    "x2.npz": lambda: npz(x=np.random.default_rng(0).random((2, 30, 20))),
    "map.json": lambda: changed("power-law.json", b'"r2": ', b'"map": {"ranks": [1]}, "r2": '),
    "boot.npz": lambda: npz(bootstrap=np.ones((2, 5, 64)), **spectrum_arrays()),
    "x1.npz": lambda: npz(x=np.zeros(5)),
    "xnan.npz": lambda: npz(x=np.full((9, 5), np.nan)),
    "small.npz": lambda: data(x_test=DIGITS[:, :5, :5]),
    "bright.npz": lambda: data(x_train=255 * DIGITS),
    "nan.npz": lambda: data(x_train=np.where(DIGITS > 0.9, np.nan, DIGITS)),
    "floats.npz": lambda: data(y_train=LABELS / 2),
    "fewer.npz": lambda: data(y_train=LABELS[:5]),
    "lacking.npz": lambda: data(y_train=None),
    "pixelless.npz": lambda: data(x_train=DIGITS[:, :0]),
    "many.npz": lambda: data(y_train=LABELS + 10**12),
    "eleven.npz": lambda: data(y_test=LABELS + 1),
    "moved.npz": data,
    "other.npz": data,
}


def spectrum_arrays():
    with np.load("spectrum.npz") as archive:
        return {name: archive[name] for name in archive.files}


def raw(pixels):
    weights = {"readout.weight": np.ones((10, pixels)), "readout.bias": np.ones(10)}
    return safetensors.numpy.save({k: v.astype(np.float32) for k, v in weights.items()})


@pytest.fixture(scope="session")
def bench(workshop):
    """Return the folder of good and bad files."""
    with contextlib.chdir(workshop):
        for name, make in BAD.items():
            (workshop / name).write_bytes(make())
        for name in ("moved", "other"):
            words = f"train-sup --arch linear --epochs 0 --data {name}.npz -o {name}.safetensors"
            assert CliRunner().invoke(app, words.split()).exit_code == 0
    (workshop / "moved.npz").unlink()
    (workshop / "other.npz").write_bytes(data(x_test=DIGITS / 2))
    for folder in ("classless/train", "classless/test", "trainless/test/a", "mixed/train/a"):
        (workshop / folder).mkdir(parents=True)
    for side in (8, 9):
        Image.new("L", (side, side)).save(workshop / f"mixed/train/a/{side}.png")
    return workshop


@pytest.fixture(scope="session")
def warm(tmp_path_factory):
    """Return the folder of a `specrob` that starts at once."""
    with warm_start(tmp_path_factory.mktemp("warm")) as folder:
        yield folder
