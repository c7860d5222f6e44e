"""Encode and decode artifacts: safetensors, NPZ and JSON, recognized by their first bytes."""

import io
import json
import lzma
import struct
import sys
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from specrob.artifacts.artifact import Artifact
from specrob.artifacts.provenance import Provenance
from specrob.artifacts.strict_json import loads
from specrob.errors import ArtifactError
from specrob.progress import LOG_BEGIN
from specrob.registry import KINDS
from specrob.results import Format

SCHEMA = 1
META = "meta"  # the name under which the envelope travels, in every format
PICKLED = b"\x80"  # the first byte of a checkpoint that an old PyTorch wrote

MAX_UNPACKED_BYTES = 2**26  # of any compressed file
MAX_COMPRESSION = 200  # unpacked size over file size, of larger files


def sniff(data: bytes) -> Format | None:
    """Return the format of bytes by the first of them, or None.

    >>> sniff(b'{"kind":{'), sniff(b"PK" + bytes([3, 4])), sniff(b'{"time": "2026')
    ('json', 'npz', None)
    """
    if data.startswith(LOG_BEGIN.encode()):
        return None
    if data[4:9] == b"\0\0\0\0{":
        return "safetensors"
    if data[:4] == b"PK\x03\x04":
        return "npz"
    return "json" if data.lstrip()[:1] in (b"{", b"[") else None


def encode(artifact: Artifact, *, indent: int | None = None) -> bytes:
    """Return the artifact as bytes, in its kind's format.

    Raises
    ------
    ArtifactError
        If its facts hold NaN or infinity, which JSON cannot hold.

    Examples
    --------
    >>> encode(Artifact("power-law", fields={"fits": []}))[:33]
    b'{"kind": "power-law", "fits": [],'
    """
    head = {"schema": SCHEMA, "provenance": artifact.provenance.to_json()}
    form = KINDS[artifact.kind].format
    if form == "json":
        whole = {"kind": artifact.kind, **artifact.fields, META: head}
        return _dumps(whole, artifact.kind, indent).encode() + b"\n"
    envelope = {"kind": artifact.kind, **head, "fields": dict(artifact.fields)}
    meta = _dumps(envelope, artifact.kind)
    if form == "safetensors":
        arrays = {k: np.asarray(v, order="C") for k, v in artifact.arrays.items()}
        return safetensors.numpy.save(arrays, metadata={META: meta})
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **artifact.arrays, **{META: np.array(meta)})
    return buffer.getvalue()


def _dumps(whole: Mapping[str, Any], kind: str, indent: int | None = None) -> str:
    try:
        return json.dumps(whole, indent=indent, allow_nan=False)
    except ValueError as error:
        raise ArtifactError(
            f"expected numbers that JSON holds in the {kind}, found NaN or inf; lower the rates"
        ) from error


def decode(data: bytes, source: str = "the input") -> Artifact:
    """Return the artifact in the bytes; `source` names them in error messages.

    Raises
    ------
    ArtifactError
        If the bytes are empty, cut, of no known format, pickled, or of a newer schema.

    Examples
    --------
    >>> decode(encode(Artifact("arrays", {"x": np.arange(3)}))).arrays["x"]
    array([0, 1, 2])
    """
    if not data:
        raise ArtifactError(
            f"expected an artifact in {source}, found nothing; check the command before it, or "
            "name a file"
        )
    form = sniff(data)
    if form is None and data[:1] == PICKLED:
        raise _checkpoint_found(source)
    if data.startswith(LOG_BEGIN.encode()):
        raise ArtifactError(
            f"expected an artifact in {source}, found a log of `log`; pass what the command wrote"
        )
    if form is None:
        raise ArtifactError(
            f"expected safetensors, NPZ or JSON in {source}, found other bytes "
            f"({data[:8].hex(' ')}); pass a file that specrob wrote"
        )
    try:
        return _READERS[form](data, source)
    except ArtifactError:
        raise
    except (*BROKEN, SafetensorError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtifactError(
            f"expected whole {form} in {source}, found broken bytes ({reason}); make it again"
        ) from error


def _checkpoint_found(source: str) -> ArtifactError:
    return ArtifactError(
        f"expected an artifact in {source}, found a PyTorch checkpoint (.pt); make a model of it "
        "with `specrob import`"
    )


# what numpy, zipfile and json raise on broken bytes
BROKEN = (
    *(ValueError, OverflowError, EOFError, OSError, MemoryError, RuntimeError),
    *(KeyError, TypeError, AttributeError, IndexError, SyntaxError, SystemError),
    tokenize.TokenError,
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
)


def _read_safetensors(data: bytes, source: str) -> Artifact:
    length = int.from_bytes(data[:8], "little")
    meta = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
    arrays = safetensors.numpy.load(data)
    return _open(meta[META], arrays, source) if META in meta else Artifact("weights", arrays)


def _read_npz(data: bytes, source: str) -> Artifact:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
    if any(member.filename.endswith("data.pkl") for member in members):
        raise _checkpoint_found(source)
    size = sum(member.file_size for member in members)
    if size > max(MAX_UNPACKED_BYTES, MAX_COMPRESSION * len(data)):
        raise ArtifactError(
            f"expected arrays packed at most {MAX_COMPRESSION} times in {source}, found {size} "
            f"bytes in {len(data)}; save it uncompressed (np.savez)"
        )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        arrays = {
            member.filename.removesuffix(".npy"): _array(archive, member) for member in members
        }
    meta = arrays.pop(META, None)
    return Artifact("arrays", arrays) if meta is None else _open(str(meta), arrays, source)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Return an array of an NPZ; raise ValueError where it is none, or holds objects."""
    if not member.filename.endswith(".npy"):
        raise ValueError(f"{member.filename} is no array")
    with archive.open(member) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's, of escapes in a broken header
        array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    if array.dtype.kind == "U" and array.dtype.itemsize and array.size:
        letters = np.ascontiguousarray(array).reshape(-1).view(f"{array.dtype.byteorder}u4")
        if letters.max() > sys.maxunicode:
            raise ValueError(f"{member.filename} has letters beyond Unicode")
    return array


def _read_json(data: bytes, source: str) -> Artifact:
    whole = loads(data)
    if not isinstance(whole, dict) or not {"kind", META} <= whole.keys():
        raise ArtifactError(
            f"expected JSON that specrob wrote in {source}, found other JSON; name another file"
        )
    kind, head = whole.pop("kind"), whole.pop(META)
    return _build(kind, {}, whole, head, source)


def _open(meta: str, arrays: Mapping[str, np.ndarray], source: str) -> Artifact:
    envelope = loads(meta)
    return _build(envelope["kind"], arrays, envelope.get("fields", {}), envelope, source)


def _build(
    kind: str, arrays: Mapping[str, np.ndarray], fields: Any, head: Mapping[str, Any], source: str
) -> Artifact:
    if int(head["schema"]) > SCHEMA:
        raise ArtifactError(
            f"expected schema {SCHEMA} or older in {source}, found {head['schema']}, written by "
            f"specrob {head['provenance'].get('version')}; upgrade specrob"
        )
    if not isinstance(kind, str) or kind not in KINDS:
        raise ArtifactError(
            f"expected a kind that specrob knows in {source}, found `{kind}`; upgrade specrob"
        )
    return Artifact(kind, arrays, dict(fields), Provenance.from_json(head["provenance"]))


_READERS = {"safetensors": _read_safetensors, "npz": _read_npz, "json": _read_json}
