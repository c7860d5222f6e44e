"""Networks of another exponent, with the same logits."""

from dataclasses import replace

from specrob.api.files import Model, load_model
from specrob.experiments.images import load_both
from specrob.experiments.in_memory import SOURCE, Values
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.respectrum import give_exponent
from specrob.settings.images import ImageSettings
from specrob.settings.respectrum import RespectrumSettings


def respectrum(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    alpha: float = RespectrumSettings.alpha,
) -> LoadedModel:
    """Return the same classifier with another exponent before its linear read-out.

    A fixed layer before the read-out, which undoes it, gives the penultimate layer a covariance
    whose eigenvalues fall as n^-alpha, with the same trace; every logit stays.

    Parameters
    ----------
    model, images, labels
        As for `load_model`. The covariance is that over these images; without `images`, for a
        model of specrob, that over the training images of its data.
    alpha : float, 0 to 10
        The exponent to give.

    Returns
    -------
    LoadedModel
        With the images of `load_model`; `network.facts["respectrum"]` has the exponents over the
        images of the covariance (`train_alpha`) and over the test images (`test_alpha`, None for
        images of your own), and the relative change of some logits by round-off (`logit_change`).

    Raises
    ------
    ModelError, DataError, UsageError
        If the logits are no linear map of the penultimate layer, it was changed before, the images
        do not fit, or alpha is out of range.

    Examples
    --------
    >>> import torch
    >>> from specrob import fit_power_law, load_images, spectrum
    >>> images, labels = load_images("digits", limit=300)
    >>> layers = torch.nn.Flatten(), torch.nn.Linear(64, 40), torch.nn.Tanh()
    >>> steep = respectrum(torch.nn.Sequential(*layers, torch.nn.Linear(40, 10)), images, alpha=2)
    >>> law = fit_power_law(spectrum(steep, layer="penultimate"), window=(5, 30))
    >>> f"{law.fits[0].alpha:.2f}"
    '2.00'
    """
    settings = RespectrumSettings(alpha=alpha)
    loaded = load_model(model, images, labels)
    network, device = loaded.network, loaded.images.device
    train, test = loaded.images, None
    if loaded.data.source != SOURCE:
        train, test, _ = load_both(ImageSettings(), network.normalize, trained_on=loaded.data)
        train, test = train.to(device), test.to(device)
    changed = give_exponent(network, train, test, settings.alpha)
    return replace(loaded, network=changed, digest="")
