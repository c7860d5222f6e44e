"""What quantities are called where they are asked for."""

from collections.abc import Mapping, Sequence

from specrob.errors import UsageError
from specrob.quantities.lineage import is_setting
from specrob.quantities.table import QUANTITIES

# what is related -> the quantities that it may be, the best first; others are themselves
RELATED: Mapping[str, tuple[str, ...]] = {
    "accuracy": ("test_accuracy", "clean_accuracy"),
    **{quantity.name: (quantity.name,) for quantity in QUANTITIES},
    "distance_l2": ("distance_l2", "distance"),  # the second of attacks in L2
    "alpha": ("alpha_corrected", "alpha"),
    "alpha_noise": ("alpha_corrected", "alpha"),
}


def check_quantities(names: Sequence[str] | None) -> None:
    """Raise UsageError where one of the names to relate is neither a quantity nor a setting.

    >>> check_quantities(("penalty.l2.coefficient", "distance"))
    """
    for name in names or ():
        if name not in RELATED and not is_setting(name):
            raise UsageError(
                f"`relate`: expected X,Y out of {', '.join(RELATED)} or a setting such as "
                f"penalty.l2.coefficient, found `{','.join(names or ())}`"
            )
