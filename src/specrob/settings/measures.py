"""What is measured of representations: spectra, dimensions, landscapes, sensitivity and others."""

from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.settings.flag import Flag, Settings, positive

Null = Literal["initial"]
UNCENTRED = "uncentred"  # what results call images whose means are not subtracted
JACOBIAN_LAYERS = ("latent", "hidden", "logits")
LAYERS = ("input", "hidden", "latent", "penultimate", "logits")  # that every network has


@dataclass(frozen=True)
class SourceSettings(Settings):
    """Which layers are measured, for the images and for what stands beside them."""

    layer: Annotated[
        tuple[str, ...],
        Flag(
            "Layer to measure; repeatable. (default: hidden for shallow networks, penultimate "
            "otherwise)",
            complete=lambda: list(LAYERS),
            offers_layers=True,
            repeat=True,
        ),
    ] = ()
    null: Annotated[
        Null | None,
        Flag(
            "Also measure the images in the network before training: the same architecture, "
            "whose weights its own seed draws, or --seed where the file names none."
        ),
    ] = None
    noise: Annotated[bool, Flag("Also measure as many white-noise images.")] = False
    noise_std: Annotated[
        float,
        positive("Standard deviation of the noise in each pixel."),
    ] = 1.0
    noise_mean: Annotated[float, Flag("Mean of the noise in each pixel.")] = 0.0


@dataclass(frozen=True)
class SpectrumSettings(SourceSettings):
    """Which spectra are measured."""

    sizes: Annotated[
        tuple[int, ...],
        Flag(
            "Measure the first N units; of images, a centred square of at most N pixel values.",
            metavar="N,...",
            parse=grammar.parse_counts,
            low=1,
        ),
    ] = ()
    bootstrap: Annotated[
        int, Flag("Resample the images N times, for intervals.", low=0, high=10_000)
    ] = 0
    uncentred: Annotated[
        bool,
        Flag("Also measure the eigenvalues of second moments, without subtracting the means."),
    ] = False
    cv: Annotated[bool, Flag("Cross-validated PCA of responses x (2, images, units).")] = False


@dataclass(frozen=True)
class DimensionSettings(SourceSettings):
    """The layers whose intrinsic dimension is measured, and the distances that are used."""

    discard: Annotated[
        float,
        Flag(
            "Share of the largest ratios of distances that is discarded.",
            metavar="X",
            parse=grammar.parse_not_negative,
            low=0,
            high=0.9,
        ),
    ] = 0.1


@dataclass(frozen=True)
class SensitivitySettings(Settings):
    """Which eigenvalues are differentiated, and by the pixels of which images."""

    ranks: Annotated[
        tuple[int, ...] | None,
        Flag(
            "Ranks of the eigenvalues. (default: those of 1,10,100 that exist)",
            metavar="N,...",
            parse=grammar.parse_counts,
            low=1,
        ),
    ] = None
    layer: Annotated[
        str | None,
        Flag(
            "Layer to measure. (default: hidden for shallow networks, penultimate otherwise)",
            complete=lambda: list(LAYERS),
            offers_layers=True,
        ),
    ] = None
    index: Annotated[
        tuple[int, ...],
        Flag(
            "Positions of the images in their split; 0-99 are the first hundred.",
            metavar="I,...",
            parse=grammar.parse_positions,
            low=0,
        ),
    ] = (0, 1, 2, 3)


@dataclass(frozen=True)
class SmoothnessSettings(Settings):
    """Which layers' Jacobians are measured, and whether the numbers of every image are written."""

    layer: Annotated[
        tuple[str, ...],
        Flag(
            "Layer whose Jacobian norms are measured; repeatable. (default: latent for shallow "
            "networks, logits otherwise)",
            metavar="LAYER",
            complete=lambda: list(JACOBIAN_LAYERS),
            offers_layers=True,
            repeat=True,
        ),
    ] = ()
    save: Annotated[
        str | None,
        Flag(
            "Write margin, norms of the logits' Jacobian and linear distance of every image to "
            "this file, and their medians to the output.",
            metavar="FILE.npz",
        ),
    ] = None


@dataclass(frozen=True)
class LandscapeSettings(Settings):
    """Which plane is mapped."""

    index: Annotated[
        int | None,
        Flag("Position of the image in its split. (default: the first image used)", low=0),
    ] = None
    span: Annotated[
        float | Literal["auto"] | None,
        Flag(
            "Distance from the image to the edge of the plane; auto is sqrt(D / 2) times the "
            "image's critical distance in --distances, or their median where it has none, for D "
            "pixels. (default: 20 for l3 networks, else 5.4 times the norm of the image)",
            metavar="auto|X",
            parse=grammar.parse_span,
            above=0,
        ),
    ] = None
    points: Annotated[int, Flag("Number of grid points per axis.", low=1)] = 100
    layer: Annotated[
        str | None,
        Flag(
            "Layer whose Jacobian norm is mapped. (default: latent for shallow networks, logits "
            "otherwise)",
            name="--layer,--of",
            metavar="LAYER",
            complete=lambda: list(JACOBIAN_LAYERS),
            offers_layers=True,
        ),
    ] = None

    def check_distances(self, distances: object | None) -> None:
        """Raise UsageError unless distances are given where the span follows from them."""
        if (self.span == "auto") != (distances is not None):
            found = "none" if distances is None else f"a span of {self.span or 'its default'}"
            expected = "`distances` beside auto" if distances is None else "auto"
            raise UsageError(f"`span`: expected {expected}, found {found}")


@dataclass(frozen=True)
class PruningSettings(Settings):
    """Which hidden units are pruned."""

    threshold: Annotated[
        float | None,
        Flag(
            "Weight variance above which a unit is pruned; auto finds the gap between the modes "
            "of the log variances.",
            metavar="auto|X",
            parse=grammar.parse_threshold,
            above=0,
        ),
    ] = None
    drop: Annotated[bool, Flag("Remove the units instead of setting them to zero.")] = False
