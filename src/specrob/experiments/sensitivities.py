"""How a layer's eigenvalues change with the pixels of chosen images."""

import numpy as np

from specrob.errors import DataError, MeasureError, ModelError
from specrob.experiments.layer_sums import sum_layers
from specrob.experiments.representations import ImageRepresentation, Representation
from specrob.experiments.run_context import RunContext
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import numerical_rank
from specrob.measures.sensitivity import eigenvalue_gradient
from specrob.results import Sensitivity
from specrob.settings.measures import SensitivitySettings

DEFAULT_RANKS = (1, 10, 100)  # those that exist


def map_sensitivity(
    representation: Representation, settings: SensitivitySettings, context: RunContext
) -> Sensitivity:
    """Return d lambda_n / d x of a layer's covariance over all images, for some of them.

    Raises
    ------
    DataError, MeasureError, ModelError
        If an image or a rank does not exist, the layer is too large, or there is no network.

    Examples
    --------
    >>> import torch
    >>> from specrob.experiments.loading import load_representation
    >>> from specrob.settings.images import ImageSettings
    >>> digits = load_representation(None, ImageSettings(limit=50), device=torch.device("cpu"))
    >>> map_sensitivity(digits, SensitivitySettings((1, 10), index=(3,)), RunContext()).maps.shape
    (2, 1, 1, 8, 8)
    """
    if not isinstance(representation, ImageRepresentation):
        raise ModelError("expected a model, found activations without images")
    layer = settings.layer or representation.default_layer
    count, index = len(representation), list(settings.index)
    if max(index) >= count:
        raise DataError(
            f"expected `index` below {count}, the images, found {max(index)}; lower it"
        )
    sums = _covariance(representation, layer, context)
    images = representation.images[index]
    ranks = settings.ranks or _default_ranks(sums)
    maps = eigenvalue_gradient(
        representation.layer_function(layer),
        images,
        mean=sums.mean.to(images),
        directions=sums.eigenvectors(ranks).to(images),
        n_images=count,
    )
    return Sensitivity(
        maps=maps.cpu().numpy(),
        ranks=np.array(ranks, np.int64),
        index=representation.images.index[index].cpu().numpy(),
        images=images.cpu().numpy(),
        of=layer,
        normalize=representation.normalize,
    )


def _covariance(
    representation: ImageRepresentation, layer: str, context: RunContext
) -> Covariance:
    """Return the covariance of a layer over all images."""
    count = len(representation)
    sums = sum_layers(
        representation.activations,
        [layer],
        context,
        n_images=count,
        batch_size=representation.batch_size,
    )[layer]
    if not isinstance(sums, Covariance):
        raise MeasureError(
            f"expected a layer whose covariance fits into memory, found {layer} with "
            f"{len(sums.shift)} units over {count} images; lower `limit`"
        )
    return sums


def _default_ranks(sums: Covariance) -> list[int]:
    rank = numerical_rank(sums.eigenvalues().cpu().numpy())
    if not rank:
        raise MeasureError(
            "expected a layer that varies over the images, found no eigenvalue above round-off; "
            "choose another `layer`"
        )
    return [one for one in DEFAULT_RANKS if one <= rank]
