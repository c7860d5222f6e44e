"""Distances within which the labels of a classifier are proved not to change."""

from specrob.api.files import Model, load_model
from specrob.errors import DataError
from specrob.experiments import certificates
from specrob.experiments.in_memory import Values
from specrob.experiments.run_context import RunContext
from specrob.results import CertifiedDistances, Distances
from specrob.settings.attack import Norm
from specrob.settings.certificates import CertificateSettings, Rounding


def certified_distances(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    norm: Norm = CertificateSettings.norm,
    bounds: str = CertificateSettings.bounds,
    steps: int = CertificateSettings.steps,
    rounding: Rounding = CertificateSettings.rounding,
    radii: int = CertificateSettings.radii,
    tolerance: float = CertificateSettings.tolerance,
    distances: Distances | None = None,
    batch_size: int | None = None,
) -> CertifiedDistances:
    """Return a radius for every image within which its label is proved not to change.

    Parameters
    ----------
    model, images, labels
        As for `attack`; a network of specrob, or an `nn.Sequential` of linear and convolutional
        layers, batch normalization, maxima of windows, relu, tanh and sigmoid.
    norm : {"l1", "l2", "linf"}
    bounds : str
        Range of perturbed pixels: "none", "valid" or "LO:HI".
    steps : int
        Steps that improve the bounds at every radius.
    rounding : {"independent", "worst"}
        How round-off of float32, in which labels are predicted, adds up.
    radii : int
        Radii tried for an image, at most.
    tolerance : float
        Relative tolerance of the radius.
    distances : Distances, optional
        Critical distances of the same network and images, which stand beside the bounds.
    batch_size : int, optional
        Number of images computed at a time.

    Raises
    ------
    ModelError
        If a layer has no known bounds.
    DataError, UsageError
        As for `attack`, and if `distances` are of another norm, other bounds or fewer images.
    MeasureError
        If one of the distances is below what was proved.

    Examples
    --------
    >>> import torch
    >>> net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1, 2, bias=False)).eval()
    >>> net[1].weight.data = torch.tensor([[1.0], [-1.0]])
    >>> found = certified_distances(net, torch.tensor([[[[0.25]]]]), torch.tensor([0]))
    >>> found.lower.round(4)
    array([0.25])
    """
    if images is not None and labels is None:
        raise DataError("expected `labels` beside `images`, found none")
    settings = CertificateSettings(
        norm=norm, bounds=bounds, steps=steps, rounding=rounding, radii=radii, tolerance=tolerance
    )
    loaded, context = load_model(model, images, labels), RunContext(0, batch_size)
    return certificates.certified_distances(loaded, settings, context, found=distances)
