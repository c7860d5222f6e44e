"""Recording during training: test accuracy, and exponents of spectra that penalties shape."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from specrob.data import Images, in_batches
from specrob.errors import MeasureError
from specrob.learning.penalties import Penalty
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import fit_power_law, numerical_rank
from specrob.models import activations
from specrob.models.whitening import fit_whitening_
from specrob.results import DRIFT, ESTIMATED_ALPHA, TRUE_ALPHA
from specrob.settings.power_law import FIRST_RANK, LAST_RANK


class TrainingMonitor:
    """Measures test accuracy after every epoch, and exponents where a penalty shapes a spectrum.

    Parameters
    ----------
    images : Images, (B, ...)
        The test images, or the activations of a frozen layer.
    labels : Tensor, (B,)
    training_images : Images, (B, ...)
        Images from which whitening layers take their statistics.
    """

    def __init__(
        self,
        images: Images,
        labels: Tensor,
        penalties: Mapping[str, Penalty],
        *,
        training_images: Images,
    ):
        self.images, self.labels = images, labels
        self.penalties, self.training_images = tuple(penalties.values()), training_images

    def __call__(self, model: nn.Module) -> dict[str, float | None]:
        """Return test accuracy; of each regularized layer true and estimated alpha, and drift."""
        fit_whitening_(model, in_batches(self.training_images))
        estimates = {k: v for each in self.penalties for k, v in each.estimates().items()}
        test_accuracy, spectra = self._measure(model, tuple(estimates))
        observed: dict[str, float | None] = {"test_accuracy": test_accuracy}
        for layer, estimate in estimates.items():
            last = min(LAST_RANK, estimate.rank, len(spectra[layer]))
            observed[TRUE_ALPHA + layer] = exponent(spectra[layer], last)
            observed[ESTIMATED_ALPHA + layer] = exponent(estimate.eigenvalues, last)
            observed[DRIFT + layer] = estimate.drift
        return observed

    @torch.no_grad()
    def _measure(self, model: nn.Module, layers: Sequence[str]) -> tuple[float, dict[str, Tensor]]:
        """Return test accuracy and the eigenvalues of some layers, all from one pass."""
        sums = {layer: Covariance(len(self.images)) for layer in layers}
        correct = 0
        parts = in_batches(self.images)
        for images, labels in zip(parts, self.labels.split(parts.size), strict=True):
            found = activations(model, images, (*layers, "logits"))
            correct += int((found["logits"].argmax(1) == labels).sum())
            for layer, one in sums.items():
                one.add_(found[layer])
        spectra = {layer: one.eigenvalues() for layer, one in sums.items()}
        return correct / len(self.labels), spectra


def exponent(values: Tensor, last: int = LAST_RANK) -> float | None:
    """Return alpha over ranks 10 to `last`, or as far as eigenvalues go; None if too few.

    >>> f"{exponent(torch.arange(1.0, 101, dtype=torch.float64) ** -1.5, 100):.3f}"
    '1.500'
    """
    descending = values.double().sort(descending=True).values.cpu().numpy()
    try:
        last = min(last, numerical_rank(descending))
        return fit_power_law(descending, first=FIRST_RANK, last=last).alpha
    except MeasureError:
        return None
