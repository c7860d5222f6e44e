"""The largest differences that do not matter, and of which quantities more is better."""

from specrob import grammar
from specrob.errors import UsageError

ACCURACIES = (
    *("accuracy", "test_accuracy", "train_accuracy", "clean_accuracy", "relative_accuracy"),
    "robust_accuracy",
)
# of which two groups are compared by their ratio
DISTANCES = ("distance", "distance_l2", "certified_distance")
# of which `not-worse` is asked; of a norm or an exponent less may be better, or neither
MORE_IS_BETTER = (*ACCURACIES, *DISTANCES)


def check_more_is_better(quantity: str) -> None:
    """Raise UsageError for a quantity of which it is not known that more is better."""
    if quantity not in MORE_IS_BETTER:
        raise UsageError(
            "expected a quantity of which more is better beside not-worse, found "
            f"`{quantity}`; name one of {', '.join(MORE_IS_BETTER)}, or ask whether it is "
            "equivalent, less or greater"
        )


def parse_margin(text: str) -> tuple[float, bool]:
    """Return a margin, and whether it is a share: ``0.02`` or ``5%``.

    >>> parse_margin("5%"), parse_margin("0.02")
    ((0.05, True), (0.02, False))
    """
    try:
        number = grammar.parse_positive(text.removesuffix("%"))
    except UsageError:
        raise UsageError(f"expected a margin above 0 such as 0.02 or 5%, found `{text}`") from None
    return (number / 100, True) if text.endswith("%") else (number, False)


def check_margin(text: str, quantity: str | tuple[str, str] = "") -> str:
    """Return a margin that can be one of a quantity.

    Raises
    ------
    UsageError
        If it is no number above 0, is as large as accuracies can be, or doubles a distance.
    """
    number, _ = parse_margin(text)
    if quantity in ACCURACIES and number >= 1:
        raise UsageError(
            f"expected a margin of accuracies below 1, found {text}; write 0.02 or 2%"
        )
    if quantity in DISTANCES and number > 1:
        raise UsageError(
            f"expected a margin of distances up to 1, which is a share of them, found {text}; "
            "write 0.1 or 10%"
        )
    return text
