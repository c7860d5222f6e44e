"""Which images, and what is done to them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from specrob.registry import SOURCES
from specrob.settings.flag import Flag, Settings

PANEL = "Images"
Normalization = str  # "none", "lP" or "standard"


@dataclass(frozen=True)
class ImageSettings(Settings):
    """Which images, and what is done to them; None means the model's own, or the default."""

    data: Annotated[
        str | None,
        Flag(
            "A name, an NPZ file, a folder of class folders, or noise:CxHxW[:STD]. "
            "(default: the model's images, or digits)",
            metavar="NAME|PATH",
            complete=SOURCES.names,
            panel=PANEL,
        ),
    ] = None
    data_root: Annotated[
        str | None,
        Flag("Folder of the named data sets. (default: data)", metavar="DIR", panel=PANEL),
    ] = None
    download: Annotated[bool, Flag("Download a named data set.", panel=PANEL)] = False
    split: Annotated[
        Literal["train", "test"] | None,
        Flag("Split to use. (default: train for training, test for measures)", panel=PANEL),
    ] = None
    normalize: Annotated[
        Normalization | None,
        Flag(
            "Divide each image by its p-norm (lP), or standardize the channels. "
            "(default: the model's)",
            metavar="none|lP|standard",
            complete=lambda: ["none", "l2", "l3", "standard"],
            panel=PANEL,
        ),
    ] = None
    limit: Annotated[int | None, Flag("Use only the first N images.", low=1, panel=PANEL)] = None
    resize: Annotated[
        int | None,
        Flag(
            "Scale the shorter side to N pixels and keep the centred square. "
            "(default: the model's)",
            metavar="N",
            low=1,
            high=9999,
            panel=PANEL,
        ),
    ] = None


@dataclass(frozen=True)
class TransformSettings(Settings):
    """What is done to the pixels before the network's own normalization."""

    transform: Annotated[
        tuple[str, ...],
        Flag(
            "Transform the pixels: add noise, project on K principal components, or whiten. "
            "Repeatable, applied in order; principal components come from the training images.",
            metavar="noise:STD|pca:K|zca[:EPS]",
            repeat=True,
        ),
    ] = ()


@dataclass(frozen=True)
class WeightSettings(Settings):
    """Which network the weights belong to where the model file does not say."""

    arch: Annotated[
        str | None,
        Flag(
            "Architecture of raw weights: {architectures}, torchvision:NAME or "
            "package.module:factory.",
            metavar="NAME[,KEY=VALUE]",
        ),
    ] = None
    weights: Annotated[
        str | None,
        Flag(
            "Weights to use instead of MODEL: a torchvision weight name, a safetensors file, or "
            "'initial' for random ones.",
            metavar="NAME|FILE|initial",
        ),
    ] = None
