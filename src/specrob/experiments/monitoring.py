"""Recording during training: test accuracy, and exponents of spectra that penalties shape."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from specrob.data import Images, in_batches
from specrob.experiments.default_range import shaped_alpha
from specrob.learning.penalties import Penalty
from specrob.measures.covariance import Covariance
from specrob.models import activations
from specrob.models.whitening import fit_whitening_
from specrob.results import DRIFT, ESTIMATED_ALPHA, TRUE_ALPHA


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
            estimated = estimate.eigenvalues.double().sort(descending=True).values
            for what, values in ((TRUE_ALPHA, spectra[layer]), (ESTIMATED_ALPHA, estimated)):
                observed[what + layer] = shaped_alpha(values.cpu().numpy(), estimate.rank)
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
