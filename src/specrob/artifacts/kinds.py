"""The contract of the pipes: what each kind of artifact holds, in which format.

Letters: ``S`` spectra, ``N`` ranks, ``I`` their images, ``B`` images of ``C`` by ``H`` by ``W``,
``E`` radii, ``R`` replicates or chosen ranks, ``P`` grid points a side, ``D`` pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from specrob.artifacts.artifact import Artifact
from specrob.artifacts.facts import DTYPES, FACTS, FINITE, TOGETHER
from specrob.artifacts.plain import conforms
from specrob.errors import ArtifactError

SCHEMA = 1
Format = Literal["safetensors", "npz", "json"]


@dataclass(frozen=True)
class Kind:
    """The format of a kind, the axes of its arrays, its facts, and the command that makes it.

    >>> KINDS["spectrum"].maker, KINDS["spectrum"].arrays["eigenvalues"]
    ('spectrum', ('S', 'N'))
    """

    format: Format
    maker: str
    arrays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    optional: dict[str, tuple[str, ...]] = field(default_factory=dict)


_PER_IMAGE = ("B",)
_MAP = ("P", "P")
_ROW = ("S",)

KINDS = {
    "model": Kind("safetensors", "train-sup", fields=("arch", "shape", "classes", "normalize")),
    "checkpoint": Kind("safetensors", "train-kh", fields=("settings", "state")),
    "spectrum": Kind(
        "npz",
        "spectrum",
        {"eigenvalues": ("S", "N"), "source": _ROW, "size": _ROW, "layer": _ROW, "n_images": _ROW},
        optional={
            **dict.fromkeys(
                ("dropped", "solver", "variance", "noise_variance", "own_spread"), _ROW
            ),
            **{"image_scale": ("S", "I"), "scale_error": _ROW},
            **{"bootstrap": ("S", "R", "N"), "bootstrap_scale": ("S", "R", "3")},
        },
    ),
    "sensitivity": Kind(
        "npz",
        "sensitivity",
        {"maps": ("R", "B", "C", "H", "W"), "ranks": ("R",), "index": _PER_IMAGE},
        optional={"images": ("B", "C", "H", "W")},
    ),
    "power-law": Kind("json", "fit-alpha", fields=("fits",)),
    "robustness": Kind(
        "json",
        "attack",
        fields=(
            *("method", "norm", "clean_accuracy", "n_images", "n_attacked"),
            *("eps", "relative_accuracy", "robust_accuracy"),
        ),
    ),
    "distances": Kind(
        "npz",
        "crit-dist",
        dict.fromkeys(
            (
                *("index", "label", "prediction", "prediction_adversarial"),
                *("status", "distance", "distance_l2", "eps"),
            ),
            _PER_IMAGE,
        ),
    ),
    "adversarial": Kind(
        "npz",
        "attack --save",
        {
            "eps": ("E",),
            **dict.fromkeys(("index", "label", "prediction"), _PER_IMAGE),
            **dict.fromkeys(("prediction_adversarial", "distance", "distance_l2"), ("E", "B")),
            "x": ("E", "B", "C", "H", "W"),
        },
    ),
    "landscape": Kind(
        "npz",
        "landscape",
        {
            **dict.fromkeys(("label", "confidence", "jacobian_norm"), _MAP),
            **dict.fromkeys(("u", "v"), ("P",)),
            "directions": ("2", "D"),
            "index": (),
        },
    ),
    "smoothness": Kind(
        "json", "smoothness", fields=("spectral_norm", "frobenius_norm", "n_images", "jacobian")
    ),
    # what users bring: arrays without our metadata
    "weights": Kind("safetensors", "train-sup"),
    "arrays": Kind("npz", "spectrum"),
}


def expect(artifact: Artifact, kinds: str | Sequence[str], source: str = "the input") -> Artifact:
    """Return the artifact if it is of one of the kinds and whole.

    Raises
    ------
    ArtifactError
        If it is of another kind, or an array or a fact is missing or of the wrong shape.

    Examples
    --------
    >>> expect(Artifact("arrays"), ["arrays", "weights"]).kind
    'arrays'
    >>> expect(Artifact("arrays"), "model")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.ArtifactError: expected a model in the input, found `arrays`; make one with...
    """
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    if artifact.kind not in wanted:
        raise ArtifactError(
            f"expected a {' or '.join(wanted)} in {source}, found `{artifact.kind}`; "
            f"make one with `specrob {KINDS[wanted[0]].maker}`"
        )
    check(artifact, source)
    return artifact


def check(artifact: Artifact, source: str) -> None:
    """Raise ArtifactError unless arrays and facts are as the contract has them.

    >>> check(Artifact("power-law"), "a.json")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.ArtifactError: expected `fits` in a power-law, found none in a.json...
    """
    kind = KINDS[artifact.kind]
    missing = [n for n in kind.arrays if n not in artifact.arrays]
    missing += [n for n in kind.fields if n not in artifact.fields]
    if missing:
        raise ArtifactError(
            f"expected `{missing[0]}` in a {artifact.kind}, found none in {source}; make it again"
        )
    wrong = _wrong_array(artifact, kind) or _wrong_fact(artifact, kind)
    if wrong:
        name, wanted, found = wrong
        raise ArtifactError(
            f"expected `{name}` {wanted} in a {artifact.kind}, found {found} in {source}; "
            "make it again"
        )


def _wrong_array(artifact: Artifact, kind: Kind) -> tuple[str, str, str] | None:
    """Return name, what is wanted and what is found of the first array against the contract."""
    empty = [name for name, array in artifact.arrays.items() if not array.size]
    if empty and kind.format == "safetensors":
        return empty[0], "with weights", "none"
    sizes = {"2": 2, "3": 3}
    there = {n: axes for n, axes in kind.optional.items() if n in artifact.arrays}
    for name, axes in (kind.arrays | there).items():
        array = artifact.arrays[name]
        if array.dtype.kind not in DTYPES.get(name, "fiu"):
            return name, "of another type", str(array.dtype)
        matches = array.ndim == len(axes) and all(
            sizes.setdefault(axis, size) == size and (size or axis in "NI")
            for axis, size in zip(axes, array.shape, strict=True)
        )
        if not matches:
            return name, f"with axes {axes}", f"shape {array.shape}"
        if name in FINITE and np.isinf(array).any():
            return name, "of finite numbers", "inf"
    return None


def _wrong_fact(artifact: Artifact, kind: Kind) -> tuple[str, str, str] | None:
    """Return the same of the first fact; the lists of a kind run side by side."""
    for name, value in artifact.fields.items():
        if not conforms(value, FACTS.get(name, Any)):
            return name, "of another type", f"`{value!r:.40}`"
    for names in TOGETHER:
        lacking = [n for n in names if n not in artifact.fields]
        if 0 < len(lacking) < len(names):
            return lacking[0], f"beside {', '.join(names)}", "none"
    lists = {n: len(v) for n in kind.fields if isinstance(v := artifact.fields[n], list)}
    longest = max(1, *lists.values(), 0)
    short = next((name for name, length in lists.items() if length < longest), None)
    return (short, f"of length {longest}", str(lists[short])) if short else None
