"""Images and labels of an NPZ file, which stay in the file where it is not compressed."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from specrob.artifacts.formats import BROKEN
from specrob.data.raw_split import RawSplit
from specrob.errors import DataError
from specrob.settings.images import Split

# of a member before its name in a zip file, up to the two numbers that say how long names are
LOCAL_HEADER, NAME_LENGTHS = 30, 26
LONGEST_HEADER = 2**17  # of an array
READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def holds_changed_images(spec: str) -> bool:
    """Return whether a specification names a file of images that a command of specrob made.

    >>> holds_changed_images("digits")
    False
    """
    try:
        with zipfile.ZipFile(spec) as archive:
            return "meta.npy" in archive.namelist()
    except BROKEN:  # no NPZ: what reads the images says so
        return False


def read_npz(path: Path, split: Split) -> RawSplit:
    """Return one split of an NPZ with x_train, y_train, x_test and y_test.

    Arrays that are not compressed are mapped into memory, read-only, after their checksum.

    Raises
    ------
    DataError
        If the file is broken, or an array is missing.
    """
    images, labels = f"x_{split}", f"y_{split}"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            for key in (images, labels):
                if key not in archive.files:
                    advice = "save x_train, y_train, x_test and y_test"
                    if "meta" in archive.files:
                        advice = f"run the command that made it with `split` {split}, too"
                    raise DataError(
                        f"expected `{key}` in {path}, found {', '.join(archive.files)}; {advice}"
                    )
            name = str(archive["name"]) if "name" in archive.files else path.stem
            return RawSplit(_array(archive, path, images), archive[labels], name)
    except DataError:
        raise
    except BROKEN as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        reason = getattr(error, "strerror", None) or first
        raise DataError(
            f"expected an NPZ of images at {path}, found: {reason}; check `data`"
        ) from error


def _array(archive: Any, path: Path, key: str) -> NDArray[Any]:
    """Return an array of an open NPZ, from where it lies in the file if it is not compressed."""
    member = archive.zip.NameToInfo.get(f"{key}.npy")
    is_stored = member is not None and member.compress_type == zipfile.ZIP_STORED
    return _mapped(path, member) if is_stored else np.asarray(archive[key])


def _mapped(path: Path, member: zipfile.ZipInfo) -> NDArray[Any]:
    """Return the array of a member that is not compressed; raise BadZipFile if it is broken."""
    with path.open("rb") as file:
        file.seek(member.header_offset + NAME_LENGTHS)
        lengths = struct.unpack("<HH", file.read(4))
    start = member.header_offset + LOCAL_HEADER + sum(lengths)
    stored = np.asarray(np.memmap(path, np.uint8, "r", start, (member.file_size,)))
    if zlib.crc32(stored.data) != member.CRC:
        raise zipfile.BadZipFile(f"bad checksum of {member.filename}")
    header = io.BytesIO(stored[:LONGEST_HEADER].tobytes())
    shape, is_fortran, dtype = READ_HEADER[npy.read_magic(header)](header)
    if dtype.hasobject:
        raise ValueError(f"objects, not numbers, in {member.filename}")
    numbers: NDArray[Any] = stored[header.tell() :].view(dtype)
    return numbers.reshape(shape, order="F" if is_fortran else "C")
