"""Bytes of files, damaged: at random, and in the structure that their format gives them.

A mutation is a function of the bytes and of a `random.Random`; it returns other bytes.
"""

import copy
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable

import numpy as np

from specrob.artifacts.formats import BROKEN

LARGEST = 2**25
ESCAPE = "\x1b[31mred\x1b]0;title\x07"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
DEEP = json.loads("[" * 400 + "]" * 400)
HOSTILE = (
    *(None, True, -1, 0, 1, 2**70, -(2**70), 1e308, 5e-324, float("nan"), float("inf"), ""),
    *(ESCAPE, MARKUP, "a\nb\r\nc", "\x00", "../../etc/passwd", "{seed}", "{0.__class__}", "%s%n"),
    *("\u202e\u200b", "\ud800", "x" * 50_000, "none", "nan", [], {}, [[]], DEEP, {"": {}}),
    *([1e9] * 3, ["a"] * 1000, {"kind": "model"}, {"\n": 1, ESCAPE: MARKUP}),
)
SHAPES = ((10**12,), (2**63 - 1,), (-1,), (0,), (3, 0), (1,) * 40, (2**31, 2**31), ())
DTYPES = ("<f8", "<f4", "<i8", "|b1", "<U5", "|O", "<c16", "<M8[s]", "|V8", "<f2", ">f8", "x", "")
NAMES = ("../evil", "/abs", ESCAPE, "a\nb", MARKUP, "", "x" * 5000, "kind", "__metadata__")
Mutation = Callable[[bytes, random.Random], bytes]


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes after one to three mutations that suit their format, 32 MiB at most."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        before = data
        structured = _STRUCTURED.get(_format(data))
        try:
            if structured and rng.random() < 0.75:
                data = rng.choice(structured)(data, rng)
            else:
                data = rng.choice(_ANY)(data, rng)
        except BROKEN:
            data = rng.choice(_ANY)(data, rng)  # what a mutation broke has no structure left
        data = data if len(data) <= LARGEST else before
    return data


def _format(data: bytes) -> str:
    if data[:4] == b"PK\x03\x04":
        return "npz"
    if data[8:9] == b"{" and data[4:8] == b"\0\0\0\0":
        return "safetensors"
    return "json" if data.lstrip()[:1] in (b"{", b"[") else ""


def flip(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes with some bits flipped."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 2, 8, 64))):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def truncate(data: bytes, rng: random.Random) -> bytes:
    """Return the beginning."""
    return data[: rng.randrange(len(data) + 1)]


def cut(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes without a piece."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 4, 100, 5000)) :]


def insert(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes with others among them."""
    start = rng.randrange(len(data) + 1)
    piece = rng.choice((rng.randbytes(40), b"\0" * 64, b"\x1b[2J", b"\xff" * 9, data[:200]))
    return data[:start] + piece + data[start:]


def blank(data: bytes, rng: random.Random) -> bytes:
    """Return the bytes with a piece of zeros or ones."""
    start, length = rng.randrange(len(data) + 1), rng.choice((1, 8, 300))
    return data[:start] + rng.choice((b"\0", b"\xff")) * length + data[start + length :]


def replace_all(data: bytes, rng: random.Random) -> bytes:
    """Return bytes that have nothing to do with these."""
    begin = rng.choice((b"", data[:9], data[:4], b"PK\x03\x04", b"{", b"\x89PNG\r\n\x1a\n"))
    return begin + rng.randbytes(rng.choice((0, 1, 50, 3000)))


_ANY: tuple[Mutation, ...] = (flip, truncate, cut, insert, blank, replace_all)


def _nodes(value: object) -> list[tuple[object, object]]:
    """Return every place in a tree: the list or dict that holds it, and its key."""
    found: list[tuple[object, object]] = []
    if isinstance(value, dict):
        found += [(value, key) for key in value]
    elif isinstance(value, list):
        found += [(value, key) for key in range(len(value))]
    for holder, key in list(found):
        found += _nodes(holder[key])  # type: ignore[index]
    return found


def change_tree(tree: object, rng: random.Random) -> object:
    """Return a tree of JSON with one place changed, dropped, renamed or copied."""
    tree = copy.deepcopy(tree)
    nodes = _nodes(tree)
    if not nodes:
        return rng.choice(HOSTILE)
    holder, key = rng.choice(nodes)
    what = rng.random()
    if what < 0.7:
        holder[key] = rng.choice(HOSTILE)  # type: ignore[index]
    elif what < 0.8:
        del holder[key]  # type: ignore[attr-defined]
    elif isinstance(holder, dict):
        holder[rng.choice(NAMES)] = holder.pop(key) if what < 0.9 else holder[key]
    else:
        holder *= 3  # type: ignore[operator]
    return tree


def _text(tree: object) -> bytes:
    return json.dumps(tree).encode("utf-8", "surrogatepass")


def change_json(data: bytes, rng: random.Random) -> bytes:
    """Return JSON with another value, or with a key that stands twice."""
    tree = json.loads(data)
    text = _text(change_tree(tree, rng))
    if rng.random() < 0.1 and text[:1] == b"{":
        return b'{"kind": 3, ' + text[1:]
    return text


def nest(data: bytes, rng: random.Random) -> bytes:
    """Return JSON that is deeper than a stack."""
    depth = rng.choice((900, 5000, 100_000))
    return b'{"kind": ' + b"[" * depth + b"]" * rng.choice((0, depth)) + b"}"


def change_header(data: bytes, rng: random.Random) -> bytes:
    """Return safetensors with another header, or another length of it."""
    (length,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8 : 8 + length]), data[8 + length :]
    if rng.random() < 0.15:
        absurd = rng.choice((0, 1, length - 1, length + 1, 2**31, 2**63 - 1, 2**64 - 1))
        return struct.pack("<Q", absurd) + data[8:]
    where = rng.random()
    facts = header.get("__metadata__", {})
    inner = [key for key in facts if facts[key][:1] in ("{", "[")]
    if where < 0.6 and inner:  # JSON within JSON
        key = rng.choice(inner)
        facts[key] = json.dumps(change_tree(json.loads(facts[key]), rng))
    elif where < 0.8:
        name = rng.choice([name for name in header if name != "__metadata__"])
        field = rng.choice(("dtype", "shape", "data_offsets"))
        header[name][field] = rng.choice((*SHAPES[:7], "F64", "I64", "BOOL", "F16", None, ESCAPE))
    else:
        header = change_tree(header, rng)
    text = _text(header)
    return struct.pack("<Q", len(text)) + text + body


def spoil_numbers(data: bytes, rng: random.Random) -> bytes:
    """Return safetensors whose numbers are NaN, infinite, huge or tiny in places."""
    (length,) = struct.unpack("<Q", data[:8])
    body = bytearray(data[8 + length :])
    value = struct.pack("<f", rng.choice((np.nan, np.inf, -np.inf, 3e38, 1e-40, -1e10)))
    for _ in range(rng.choice((1, 5, 10_000))):
        if len(body) >= 4:
            at = 4 * rng.randrange(len(body) // 4)
            body[at : at + 4] = value
    return data[: 8 + length] + bytes(body)


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def _zip(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "")), content)
    return buffer.getvalue()


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def change_array(data: bytes, rng: random.Random) -> bytes:
    """Return an NPZ with other numbers, another shape or another type in one array."""
    members = _members(data)
    name = rng.choice(list(members))
    array = np.load(io.BytesIO(members[name]), allow_pickle=False)
    members[name] = _npy(rng.choice(_ARRAYS)(array, rng))
    return _zip(members, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def _spoil(array: np.ndarray, rng: random.Random) -> np.ndarray:
    flat = array.copy().reshape(-1)
    values = (np.nan, np.inf, -np.inf, -1, 0, 1e300, 2**40, 1e-300)
    for _ in range(rng.choice((1, 3, 1000))):
        if flat.size and flat.dtype.kind in "fiu":
            with np.errstate(all="ignore"):
                value = rng.choice(values if flat.dtype.kind == "f" else (-1, 0, 99, 10**6))
                flat[rng.randrange(flat.size)] = np.array(value).astype(flat.dtype)
        elif flat.size and flat.dtype.kind == "U":
            flat[rng.randrange(flat.size)] = rng.choice((ESCAPE, MARKUP, "a\nb", "", "nan"))
    return flat.reshape(array.shape)


_ARRAYS: tuple[Callable[[np.ndarray, random.Random], np.ndarray], ...] = (
    _spoil,
    _spoil,
    lambda array, _: array[:-1] if array.ndim else array,
    lambda array, _: array[None],
    lambda array, _: array.reshape(-1),
    lambda array, _: array[:0] if array.ndim else array,
    lambda array, _: np.concatenate([array, array]) if array.ndim else array,
    lambda array, _: array.T,
    lambda array, _: array.astype(str),
    lambda array, _: array.astype(object),
    lambda array, _: array.astype(bool),
    lambda array, _: np.array([ESCAPE, MARKUP]),
    lambda array, _: np.zeros((2, 3)),
    lambda array, _: np.float64(np.nan),
)


def change_members(data: bytes, rng: random.Random) -> bytes:
    """Return an NPZ without an array, with one more, one renamed, or one that is broken."""
    members = _members(data)
    name = rng.choice(list(members))
    what = rng.randrange(5)
    if what == 0:
        del members[name]
    elif what == 1:
        members[rng.choice(NAMES) + ".npy"] = members.pop(name)
    elif what == 2:
        members[rng.choice(NAMES)] = rng.choice((members[name], b"", rng.randbytes(20)))
    elif what == 3:
        members[name] = rng.choice(_ANY)(members[name], rng)
    else:
        members[name] = _lying(members[name], rng)
    return _zip(members)


def _lying(npy: bytes, rng: random.Random) -> bytes:
    """Return an array whose header claims another shape or type."""
    end = 10 + struct.unpack("<H", npy[8:10])[0]
    shape, descr = rng.choice(SHAPES), rng.choice(DTYPES)
    text = f"{{'descr': {descr!r}, 'fortran_order': {rng.random() < 0.3}, 'shape': {shape!r}, }}"
    text = text.ljust(118 - 10 - 1) + "\n"
    return npy[:8] + struct.pack("<H", len(text)) + text.encode() + npy[end:]


def bomb(data: bytes, rng: random.Random) -> bytes:
    """Return an NPZ of few bytes that is vast when it is unpacked."""
    members = _members(data)
    name = rng.choice(list(members))
    count = rng.choice((10**6, 3 * 10**7))
    header = _npy(np.zeros(1))[:128].replace(
        b"(1,), }        ", f"({count},), }}".encode().ljust(15)
    )
    members[name] = header + bytes(8 * count)
    return _zip(members, zipfile.ZIP_DEFLATED)


_STRUCTURED: dict[str, tuple[Mutation, ...]] = {
    "json": (change_json, change_json, change_json, change_json, nest),
    "safetensors": (change_header, change_header, change_header, spoil_numbers),
    "npz": (*[change_array] * 8, *[change_members] * 6, bomb),
}
