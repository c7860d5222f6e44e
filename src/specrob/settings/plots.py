"""What a figure shows, and where its layout is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from specrob.errors import UsageError
from specrob.registry import FIGURES
from specrob.settings.flag import Flag, Settings

# the keys of `specrob.quantities.relate.RELATED`, for a shell that cannot wait for numpy
RELATED_NAMES = (
    *("accuracy", "test_accuracy", "train_accuracy", "clean_accuracy", "relative_accuracy"),
    *("robust_accuracy", "distance", "distance_l2", "mean_distance", "distance_deviation"),
    *("distance_variance", "fooled", "censored", "misclassified", "attacked"),
    *("alpha", "alpha_corrected", "alpha_noise", "null_alpha", "power_law", "bound"),
    *("participation_ratio", "participation_ratio_corrected", "rank_90", "rankme"),
    *("line_error", "r2", "variance", "first_share", "sensitivity", "spectral_norm"),
    *("frobenius_norm", "jacobian_norm", "norm_on_plane", "norm_at_image", "classes"),
    *("units", "converged", "learned", "wrong_attractor", "never_winning", "pruned"),
    *("pruning_threshold", "epoch"),
)


def parse_relation(text: str) -> tuple[str, str]:
    """Return the names of two quantities of ``X,Y``.

    >>> parse_relation("accuracy,distance")
    ('accuracy', 'distance')
    """
    names = text.split(",")
    if len(names) != 2:
        raise UsageError(f"expected two quantities X,Y, found `{text}`")
    return names[0], names[1]


@dataclass(frozen=True)
class PanelSettings(Settings):
    """What is drawn of some artifacts."""

    part: Annotated[
        str | None,
        Flag(
            "Draw only this part of the artifacts: weights, noise, ...",
            metavar="NAME",
            complete=lambda: [part for row in FIGURES.rows.values() for part in row.tags],
        ),
    ] = None
    relate: Annotated[
        tuple[str, str] | None,
        Flag(
            "Draw a point for each network, of two quantities: accuracy, distance, alpha, ...",
            parse=parse_relation,
            complete=lambda: list(RELATED_NAMES),
            joined=True,
            metavar="X,Y",
        ),
    ] = None
    mixed: Annotated[bool, Flag("Overlay attacks even if they are on different images.")] = False


@dataclass(frozen=True)
class PlotSettings(PanelSettings):
    """What a figure shows: one panel, or the panels of a layout."""

    label: Annotated[
        tuple[str, ...],
        Flag(
            "Name of each artifact in the legend; repeatable. (default: file names)",
            metavar="TEXT",
            repeat=True,
        ),
    ] = ()
    layout: Annotated[
        str | None, Flag("Draw the panels that this TOML file lists.", metavar="FILE")
    ] = None
    root: Annotated[
        str | None,
        Flag("Folder of the layout's artifacts. (default: the layout's folder)", metavar="DIR"),
    ] = None

    def __post_init__(self) -> None:
        """Check that a layout says all, and that `root` belongs to one."""
        super().__post_init__()
        if self.layout is None and self.root is not None:
            raise UsageError("`root`: expected `layout` beside it, found none")
        for name in ("label", "part", "relate", "mixed") if self.layout is not None else ():
            if getattr(self, name):
                raise UsageError(
                    f"`layout`: expected no `{name}` beside it, found one; write it into the "
                    "layout"
                )

    def check_files(self, files: Sequence[str]) -> None:
        """Raise UsageError where files are given beside a layout, which names them itself."""
        if files and self.layout is not None:
            raise UsageError(
                f"`layout`: expected no file beside it, found {files[0]}; write it into the layout"
            )
