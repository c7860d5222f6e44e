"""Which images, and what is done to them."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import ARCHITECTURES, SOURCES, suggest
from specrob.settings.flag import Flag, Settings
from specrob.settings.normalization import Normalization

PANEL = "Images"
DEFAULT_DATA, DEFAULT_ROOT = "digits", "data"
Split = Literal["train", "test"]

COUNT, NUMBER = r"[1-9]\d{0,8}", r"\d*\.?\d+(?:e[+-]?\d+)?"
# name -> how it is written, the pattern of its number, and the number where none is given; a name
# without a pattern takes no number
TRANSFORMS = {
    "noise": ("noise:STD", NUMBER, ""),
    "pca": ("pca:K", COUNT, ""),
    "zca": ("zca[:EPS]", NUMBER, "1e-5"),
    "phase-scramble": ("phase-scramble", "", ""),
}


@dataclass(frozen=True)
class ImageSettings(Settings):
    """Which images, and what is done to them; None means the model's images, or the default."""

    data: Annotated[
        str | None,
        Flag(
            "A name, an NPZ file, a folder of class folders, or noise:CxHxW[:STD]. "
            f"(default: the model's images, or {DEFAULT_DATA})",
            metavar="NAME|PATH",
            complete=SOURCES.names,
            panel=PANEL,
        ),
    ] = None
    data_root: Annotated[
        str | None,
        Flag(
            f"Folder of the named data sets. (default: {DEFAULT_ROOT})", metavar="DIR", panel=PANEL
        ),
    ] = None
    download: Annotated[bool, Flag("Download a named data set.", panel=PANEL)] = False
    split: Annotated[
        Split | None,
        Flag("Split to use. (default: train for training, test for measures)", panel=PANEL),
    ] = None
    normalize: Annotated[
        str | None,
        Flag(
            "Divide each image by its p-norm (lP), or standardize the channels: by the training "
            "images, or by mean=0.49+0.48+0.45,std=0.25+0.24+0.26 or mean=M,std=S of all "
            "channels; eps stays in pixels. (default: the model's)",
            metavar="none|lP|standard",
            complete=lambda: ["none", "l2", "l3", "standard", "mean="],
            panel=PANEL,
        ),
    ] = None
    limit: Annotated[int | None, Flag("Use only the first N images.", low=1, panel=PANEL)] = None
    resize: Annotated[
        int | None,
        Flag(
            "Scale the shorter side to N pixels and crop to the centred square. "
            "(default: the model's)",
            metavar="N",
            low=1,
            high=9999,
            panel=PANEL,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Check also that the normalization is one."""
        super().__post_init__()
        if self.normalize is not None:
            Normalization.parse(self.normalize)


@dataclass(frozen=True)
class TransformSpec:
    """One transform of the pixels: its name, and its number, 0 where it takes none.

    >>> TransformSpec.parse("zca")
    TransformSpec(name='zca', number=1e-05)
    """

    name: str
    number: float = 0.0

    def __str__(self) -> str:
        return f"{self.name}:{self.number:g}" if self.number else self.name

    @classmethod
    def parse(cls, text: str) -> "TransformSpec":
        """Return the transform of ``noise:STD``, ``pca:K``, ``zca[:EPS]`` or ``phase-scramble``.

        Raises
        ------
        UsageError
            If it is none of these.
        """
        name, colon, number = text.partition(":")
        if name not in TRANSFORMS:
            forms = ", ".join(form for form, _, _ in TRANSFORMS.values())
            raise UsageError(f"expected {forms}, found `{text}`; {suggest(name, TRANSFORMS)}")
        form, pattern, default = TRANSFORMS[name]
        if not pattern:
            if colon:
                raise UsageError(f"expected {form} without a number, found `{text}`")
            return cls(name)
        number = number if colon else default
        if not re.fullmatch(pattern, number) or not 0 < float(number) < grammar.LARGEST:
            raise UsageError(f"expected {form} with a number above 0, found `{text}`")
        return cls(name, float(number))


@dataclass(frozen=True)
class TransformSettings(Settings):
    """What is done to the pixels before normalization."""

    transform: Annotated[
        tuple[TransformSpec, ...],
        Flag(
            "Transform the pixels: noise:STD adds noise, pca:K projects on K principal "
            "components, zca[:EPS] whitens, phase-scramble makes the Fourier phases random and "
            "keeps the amplitudes. Repeatable, applied in order; principal components come from "
            "the training images.",
            metavar="NAME[:NUMBER]",
            parse=TransformSpec.parse,
            complete=lambda: list(TRANSFORMS),
            repeat=True,
        ),
    ] = ()


RawArchitecture = Annotated[
    str | None,
    Flag(
        "Architecture of raw weights: {architectures}, torchvision:NAME, timm:NAME, hf_hub:NAME "
        "or package.module:factory.",
        metavar="NAME[,KEY=VALUE]",
        complete=ARCHITECTURES.names,
    ),
]


@dataclass(frozen=True)
class ImportSettings(Settings):
    """Which network the weights of a checkpoint belong to."""

    arch: RawArchitecture = None
    shape: Annotated[
        tuple[int, ...] | None,
        Flag(
            "Channels, height and width of the images, instead of --data.",
            metavar="CxHxW",
            parse=grammar.parse_shape,
            panel=PANEL,
        ),
    ] = None


@dataclass(frozen=True)
class WeightSettings(Settings):
    """Which network the weights belong to where the model file does not say."""

    arch: RawArchitecture = None
    weights: Annotated[
        str | None,
        Flag(
            "Weights to use instead of MODEL: a torchvision weight name, a safetensors file, or "
            "'initial' for random ones.",
            metavar="NAME|FILE|initial",
        ),
    ] = None
