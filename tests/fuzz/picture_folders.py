"""Folders of pictures, a folder a class, that are damaged: bytes, names, links, sizes."""

import io
import os
import random
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from mutations import ESCAPE, MARKUP, flip, replace_all, truncate
from PIL import Image

SIDE = 8
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF")
NAMES = ("a\nb", ESCAPE, MARKUP.replace("/", ""), "\u202e", "x" * 200, ".hidden", "train", " ")
COMMANDS = (
    "train-sup --arch linear --epochs 1 --data F -q -o O.st",
    "train-sup --arch linear --epochs 1 --resize 6 --data F -q -o O.st",
    "spectrum images --data F -q -o O.npz",
    "spectrum images --data F --resize 9 --transform pca:3 -q -o O.npz",
)


def make_pictures(home: Path, rng: random.Random) -> None:
    """Write two classes of six pictures for training and for tests."""
    for split in ("train", "test"):
        for label in ("cat", "dog"):
            folder = home / split / label
            folder.mkdir(parents=True)
            for number in range(6):
                pixels = np.frombuffer(rng.randbytes(SIDE * SIDE * 3), np.uint8)
                picture = Image.fromarray(pixels.reshape(SIDE, SIDE, 3))
                picture.save(folder / f"{number}.png")


def damaged_pictures(home: Path, rng: random.Random) -> None:
    """Make a folder of pictures in which something is wrong."""
    shutil.rmtree(home, ignore_errors=True)
    make_pictures(home, rng)
    for _ in range(rng.choice((1, 1, 2, 3))):
        files = [file for file in sorted(home.rglob("*.png")) if file.is_file()]
        if files:
            rng.choice(_DAMAGES)(rng.choice(files), rng)


def _bytes(file: Path, rng: random.Random) -> None:
    file.write_bytes(rng.choice((flip, truncate, replace_all))(file.read_bytes(), rng))


def _other_size(file: Path, rng: random.Random) -> None:
    size = rng.choice(((1, 1), (3, 5), (9, 9), (400, 1)))
    Image.new(rng.choice(("RGB", "L", "RGBA", "1", "I", "CMYK")), size).convert("RGB").save(file)


def _other_format(file: Path, rng: random.Random) -> None:
    """Write another format under the name, or a mode that must be converted."""
    buffer = io.BytesIO()
    Image.new(rng.choice(("RGB", "L", "1")), (SIDE, SIDE)).save(buffer, rng.choice(FORMATS))
    file.write_bytes(buffer.getvalue())


def _huge(file: Path, rng: random.Random) -> None:
    """Write a PNG whose header claims many pixels, or none, and that holds few."""
    sides = rng.choice(((20_000, 20_000), (2**31 - 1, 2**31 - 1), (60_000, 2), (0, 7)))
    header = struct.pack(">IIBBBBB", *sides, 8, 2, 0, 0, 0)
    chunks = b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")):
        chunks += struct.pack(">I", len(data)) + name + data
        chunks += struct.pack(">I", zlib.crc32(name + data))
    file.write_bytes(chunks)


def _renamed(file: Path, rng: random.Random) -> None:
    target = rng.choice((file, file.parent))
    name = target.with_name(rng.choice(NAMES) + rng.choice(("", ".png")))
    if not os.path.lexists(name):
        target.rename(name)


def _linked(file: Path, rng: random.Random) -> None:
    """Put a link in the place of a picture or a class: to itself, to nothing, or upwards."""
    name = rng.choice((file, file.parent, file.parent.with_name("more")))
    if name.is_dir() and not name.is_symlink():
        shutil.rmtree(name)
    name.unlink(missing_ok=True)
    name.symlink_to(rng.choice((name.name, "nowhere", "..", "/dev/zero", "/dev/null", "/")))


def _emptied(file: Path, rng: random.Random) -> None:
    """Remove a class or a split, or what is in a class."""
    shutil.rmtree(rng.choice((file.parent, file.parent.parent)), ignore_errors=True)
    if rng.random() < 0.5:
        file.parent.mkdir(parents=True, exist_ok=True)


def _special(file: Path, rng: random.Random) -> None:
    """Put a folder or a pipe in the place of a picture."""
    file.unlink()
    if rng.random() < 0.7:
        file.mkdir()
    else:
        os.mkfifo(file.with_suffix(".txt"))


_DAMAGES = (_bytes, _bytes, _bytes, _other_size, _other_format, _huge, _renamed, _linked, _emptied)
_DAMAGES += (_special,)
