"""The contract of the pipes: what each kind of artifact holds, in which format.

Letters: ``S`` spectra, ``N`` ranks, ``B`` images, ``P`` grid points a side, ``D`` pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from specrob.artifacts.artifact import Artifact
from specrob.errors import ArtifactError

SCHEMA = 1
Format = Literal["safetensors", "npz", "json"]


@dataclass(frozen=True)
class Kind:
    """The format of a kind, the axes of its arrays, its facts, and the command that makes it."""

    format: Format
    maker: str
    arrays: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


_PER_IMAGE = ("B",)
_MAP = ("P", "P")
_ROW = ("S",)

KINDS = {
    "model": Kind("safetensors", "train-sup", fields=("arch", "shape", "classes", "normalize")),
    "spectrum": Kind(
        "npz",
        "spectrum",
        {"eigenvalues": ("S", "N"), "source": _ROW, "size": _ROW, "layer": _ROW, "n_images": _ROW},
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
    """
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    if artifact.kind not in wanted:
        raise ArtifactError(
            f"expected a {' or '.join(wanted)} in {source}, found a {artifact.kind}; "
            f"make one with `specrob {KINDS[wanted[0]].maker}`"
        )
    check(artifact, source)
    return artifact


def check(artifact: Artifact, source: str) -> None:
    """Raise ArtifactError unless arrays and facts are as the contract has them."""
    kind, sizes = KINDS[artifact.kind], {"2": 2}
    missing = [n for n in kind.arrays if n not in artifact.arrays]
    missing += [n for n in kind.fields if n not in artifact.fields]
    if missing:
        raise ArtifactError(
            f"expected `{missing[0]}` in a {artifact.kind}, found none in {source}; make it again"
        )
    for name, axes in kind.arrays.items():
        shape = artifact.arrays[name].shape
        matches = len(shape) == len(axes) and all(
            sizes.setdefault(axis, size) == size for axis, size in zip(axes, shape, strict=True)
        )
        if not matches:
            raise ArtifactError(
                f"expected `{name}` with axes {axes} in a {artifact.kind}, "
                f"found shape {shape} in {source}; make it again"
            )
