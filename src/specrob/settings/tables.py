"""Which numbers a table or a comparison takes, and in which format a table is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.family import suggest
from specrob.registry import LOCAL_MEASURES
from specrob.settings.flag import Flag, Settings

TableFormat = Literal["csv", "json", "md"]
# what tells one number of a quantity from another
CONDITIONS = (
    *("method", "norm", "bounds", "settings", "layer", "source", "images", "transform", "split"),
    *("size", "range", "weighting", "rank", "eps"),
)
NUMERIC_CONDITIONS = ("size", "rank", "eps")
# the keys of `specrob.quantities.names.RELATED`, for a shell that cannot wait for numpy
RELATED_NAMES = (
    *("accuracy", "test_accuracy", "train_accuracy", "clean_accuracy", "relative_accuracy"),
    *("robust_accuracy", "distance", "distance_l2", "mean_distance", "distance_deviation"),
    *("distance_variance", "fooled", "censored", "misclassified", "attacked"),
    *("certified_distance", "certified_share", "certified_within", "uncertified"),
    *("alpha", "alpha_corrected", "alpha_noise", "null_alpha", "power_law", "bound"),
    *("above_bound", "participation_ratio", "participation_ratio_corrected", "rank_90"),
    *("rankme", "line_error", "r2", "variance", "first_share", "sensitivity", "spectral_norm"),
    *("local_jacobian_norm", "local_spectral_norm", "margin", "margin_over_jacobian_norm"),
    *("margin_over_spectral_norm", "linear_distance"),
    *(f"{name}_correlation" for name in LOCAL_MEASURES),
    *("frobenius_norm", "jacobian_norm", "norm_on_plane", "norm_at_image", "classes"),
    *("intrinsic_dimension", "intrinsic_bound", "residual", "robust_train_accuracy"),
    *("units", "converged", "learned", "wrong_attractor", "never_winning", "pruned"),
    *("pruning_threshold", "respectrum_train_alpha", "respectrum_test_alpha", "epoch"),
    *("train_loss", "drift", "estimate_error", "low_frequency_share", "map_similarity"),
)


def parse_condition(text: str) -> str:
    """Return ``NAME=VALUE`` if the name is that of a condition.

    >>> parse_condition("eps=8/255")
    'eps=8/255'
    """
    name, equals, value = text.partition("=")
    if not (equals and value):
        raise UsageError(f"expected NAME=VALUE, for instance layer=hidden, found `{text}`")
    if name not in CONDITIONS:
        raise UsageError(f"expected a condition, found `{name}`; {suggest(name, CONDITIONS)}")
    if name in NUMERIC_CONDITIONS and value != "none":
        grammar.parse_number(value)
    return text


def conditions_of(where: Sequence[str], at: float | None) -> dict[str, str]:
    """Return the values of NAME=VALUE words by name, and of a radius as that of eps.

    Raises
    ------
    UsageError
        If a condition has two values.
    """
    found: dict[str, str] = {}
    for text in (*where, *([] if at is None else [f"eps={at!r}"])):
        name, _, value = text.partition("=")
        if name in found:
            raise UsageError(
                f"`where`: expected one value of {name}, found {found[name]} and {value}; drop one"
            )
        found[name] = value
    return found


@dataclass(frozen=True)
class NumberSettings(Settings):
    """Which numbers are taken, out of all that some files hold."""

    quantity: Annotated[
        tuple[str, ...],
        Flag(
            "Take only this quantity, for instance alpha or distance; repeatable. (default: all)",
            metavar="NAME",
            complete=lambda: list(RELATED_NAMES),
            repeat=True,
        ),
    ] = ()
    where: Annotated[
        tuple[str, ...],
        Flag(
            "Take only numbers measured so, for instance layer=hidden or norm=l2; repeatable.",
            metavar="NAME=VALUE",
            parse=parse_condition,
            complete=lambda: [f"{name}=" for name in CONDITIONS],
            repeat=True,
        ),
    ] = ()
    at: Annotated[
        float | None,
        Flag(
            "Take only accuracies at this radius, for instance 8/255.",
            metavar="EPS",
            parse=grammar.parse_not_negative,
            low=0,
        ),
    ] = None

    def __post_init__(self) -> None:
        """Check the names of conditions."""
        super().__post_init__()
        for text in self.where:
            parse_condition(text)
        self.conditions()

    def conditions(self) -> dict[str, str]:
        """Return the value of every condition by its name.

        >>> NumberSettings(where=("layer=hidden",), at=0.5).conditions()
        {'layer': 'hidden', 'eps': '0.5'}
        """
        return conditions_of(self.where, self.at)


@dataclass(frozen=True)
class TableSettings(NumberSettings):
    """Which numbers a table holds, and in which format."""

    format: Annotated[
        TableFormat | None,
        Flag("Format of the table. (default: by the name of the output; csv on stdout)"),
    ] = None
