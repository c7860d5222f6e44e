"""What became of each image under attack, packed into text for JSON.

Letters: ``B`` images, ``E`` radii.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specrob.errors import ArtifactError
from specrob.results.record import Array, Record


@dataclass(frozen=True, kw_only=True)
class ImageOutcomes(Record):
    """Which images a network classified correctly, and which kept their label at each radius.

    Parameters
    ----------
    index : str
        Positions of the images in their split, as ranges: ``"0-99,120"``.
    correct : str
        Whether the image is classified correctly, a bit for each, the first in the highest bit of
        the first byte, as `numpy.packbits` has them, in base 64.
    kept : tuple of str
        The same for each radius of the curve: correct without the perturbation, and still with it.
    """

    index: str
    correct: str
    kept: tuple[str, ...]

    @classmethod
    def of(cls, index: Array, correct: Array, kept: Array) -> "ImageOutcomes":
        """Return the record of positions, (B,), and of two arrays of bool, (B,) and (E, B).

        >>> made = ImageOutcomes.of(np.arange(3), np.array([True, True, False]), np.eye(3) > 0)
        >>> made.index, made.correct, made.decoded(3, 3).correct
        ('0-2', 'wA==', array([ True,  True, False]))
        """
        return cls(
            index=to_ranges(index), correct=_pack(correct), kept=tuple(_pack(row) for row in kept)
        )

    def decoded(self, images: int, radii: int) -> "Outcomes":
        """Return the arrays of that many images and radii.

        Raises
        ------
        ArtifactError
            If they are of another number of images, or broken.

        Examples
        --------
        >>> ImageOutcomes(index="0-1", correct="wA==", kept=("gA==",)).decoded(2, 1).kept
        array([[ True, False]])
        """
        try:
            if _length(self.index) != images:
                raise ValueError(f"{_length(self.index)} positions")
            if len(self.kept) != radii:
                raise ValueError(f"{len(self.kept)} radii of {radii}")
            kept = [_unpack(row, images) for row in self.kept]
            return Outcomes(from_ranges(self.index), _unpack(self.correct, images), np.array(kept))
        except ValueError as error:
            raise ArtifactError(
                f"expected the outcomes of {images} images in a robustness file, found {error}; "
                "make the file again"
            ) from error


@dataclass(frozen=True)
class Outcomes:
    """Positions of the images in their split, (B,); which were correct, (B,), and kept, (E, B)."""

    index: NDArray[np.int64]
    correct: NDArray[np.bool_]
    kept: NDArray[np.bool_]


def _pack(bits: Array) -> str:
    return b64encode(np.packbits(np.asarray(bits, dtype=bool)).tobytes()).decode()


def _unpack(text: str, images: int) -> NDArray[np.bool_]:
    packed = np.frombuffer(b64decode(text, validate=True), dtype=np.uint8)
    if len(packed) != -(-images // 8):
        raise ValueError(f"{len(packed)} bytes of bits")
    return np.unpackbits(packed, count=images).astype(bool)


def to_ranges(numbers: Sequence[int] | Array) -> str:
    """Return whole numbers in their order as text, neighbours as ranges.

    >>> to_ranges([0, 1, 2, 7, 5, 6])
    '0-2,7,5-6'
    """
    values = np.asarray(numbers, dtype=np.int64)
    runs = np.split(values, np.flatnonzero(np.diff(values) != 1) + 1) if len(values) else []
    return ",".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def from_ranges(text: str) -> NDArray[np.int64]:
    """Return the numbers of `to_ranges`.

    >>> from_ranges("0-2,7,5-6")
    array([0, 1, 2, 7, 5, 6])
    """
    runs = [np.arange(first, last + 1) for first, last in _ends(text)]
    return np.concatenate(runs).astype(np.int64) if runs else np.empty(0, np.int64)


def _length(text: str) -> int:
    return sum(last + 1 - first for first, last in _ends(text))


def _ends(text: str) -> list[tuple[int, int]]:
    parts = [part.partition("-") for part in text.split(",") if part]
    ends = [(int(first), int(last or first)) for first, _, last in parts]
    if any(last < first for first, last in ends):
        raise ValueError(f"the reversed range in {text:.20}")
    return ends
