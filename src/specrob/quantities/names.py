"""What quantities are called where they are asked for."""

from collections.abc import Mapping

from specrob.quantities.table import QUANTITIES

# what is related -> the quantities that it may be, the best first; others are themselves
RELATED: Mapping[str, tuple[str, ...]] = {
    "accuracy": ("test_accuracy", "clean_accuracy"),
    **{quantity.name: (quantity.name,) for quantity in QUANTITIES},
    "distance_l2": ("distance_l2", "distance"),  # the second of attacks in L2
    "alpha": ("alpha_corrected", "alpha"),
    "alpha_noise": ("alpha_corrected", "alpha"),
}
