"""Which images, and what is done to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import ARCHITECTURES, SOURCES
from specrob.settings.flag import Flag, Settings
from specrob.settings.normalization import NAMED, Normalization
from specrob.settings.transforms import NO_TRANSFORM, TRANSFORMS, TransformSpec

PANEL = "Images"
DEFAULT_DATA, DEFAULT_ROOT = "digits", "data"
Split = Literal["train", "test"]
Resize = int | str  # N pixels, or "N:CROP": the shorter side becomes N, and CROP of them are kept


def parse_resize(text: str) -> Resize:
    """Return N, or "N:CROP" where less than the shorter side is kept.

    Raises
    ------
    UsageError
        If it is neither, or CROP is larger than N.

    Examples
    --------
    >>> parse_resize("32"), parse_resize("256:224")
    (32, '256:224')
    """
    match = re.fullmatch(r"([1-9]\d{0,3})(?::([1-9]\d{0,3}))?", text)
    if not match or int(match[2] or 1) > int(match[1]):
        raise UsageError(f"expected N or N:CROP pixels with CROP up to N, found `{text}`")
    return int(match[1]) if match[2] in (None, match[1]) else text


def resize_sides(resize: Resize) -> tuple[int, int]:
    """Return the shorter side after scaling and the side of the crop, in pixels.

    >>> resize_sides(32), resize_sides("256:224")
    ((32, 32), (256, 224))
    """
    shorter, _, crop = str(resize).partition(":")
    return int(shorter), int(crop or shorter)


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
            "images, by mean=0.49+0.48+0.45,std=0.25+0.24+0.26 or mean=M,std=S of all channels, "
            "or to [-1, 1] (half); eps stays in pixels. (default: the model's)",
            metavar="none|lP|standard|half",
            complete=lambda: ["none", "l2", "l3", "standard", *NAMED, "mean="],
            panel=PANEL,
        ),
    ] = None
    limit: Annotated[int | None, Flag("Use only the first N images.", low=1, panel=PANEL)] = None
    resize: Annotated[
        Resize | None,
        Flag(
            "Scale the shorter side to N pixels and crop to the centred square, of CROP pixels "
            "with N:CROP. (default: the model's)",
            metavar="N[:CROP]",
            parse=parse_resize,
            panel=PANEL,
        ),
    ] = None
    transform: Annotated[
        tuple[TransformSpec, ...],
        Flag(
            "Transform the pixels: noise:STD adds noise, the same to an image in every epoch, by "
            "--seed; pca:K projects on K principal components of the training images, zca[:EPS] "
            "whitens by them; phase-scramble makes Fourier phases random. Pixels then have no "
            "range. Repeatable, applied in order. (default: the model's)",
            metavar="NAME[:NUMBER]",
            parse=TransformSpec.parse,
            complete=lambda: list(TRANSFORMS),
            repeat=True,
            panel=PANEL,
        ),
    ] = ()

    def __post_init__(self) -> None:
        """Check also normalization, size and transforms."""
        super().__post_init__()
        if self.normalize is not None:
            Normalization.parse(self.normalize)
        if self.resize is not None:
            try:
                parse_resize(str(self.resize))
            except UsageError as error:
                raise UsageError(f"`resize`: {error}") from None
        if NO_TRANSFORM in self.transform and len(self.transform) > 1:
            raise UsageError("`transform`: expected none alone, found others beside it; drop one")

    def transforms(self, recorded: Sequence[str] = ()) -> tuple[TransformSpec, ...]:
        """Return the transforms to apply: those that are set, or else those that a model records.

        >>> ImageSettings().transforms(["pca:8"])
        (TransformSpec(name='pca', number=8.0),)
        >>> ImageSettings(transform=(NO_TRANSFORM,)).transforms(["pca:8"])
        ()
        """
        wanted = self.transform or map(TransformSpec.parse, recorded)
        return tuple(one for one in wanted if one != NO_TRANSFORM)


@dataclass(frozen=True)
class WrittenImagesSettings(Settings):
    """What images that a command writes are called."""

    images_title: Annotated[
        str | None,
        Flag(
            "Title of the written images. (default: that of the images, and what was done)",
            metavar="TEXT",
        ),
    ] = None


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
            low=1,
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
