"""Random points from which attacks start.

Letters: ``B`` images.
"""

from torch import Tensor

from specrob.linalg import per_image
from specrob.norms import Geometry
from specrob.random import normals


def random_perturbations(
    images: Tensor, radius: Tensor, geometry: Geometry, *, seed: int, index: Tensor, draw: int = 0
) -> Tensor:
    """Return perturbations uniform in balls, (B, ...), that depend on seed, index and draw only.

    Parameters
    ----------
    images : Tensor, (B, ...)
        Whose shape the perturbations have.
    radius : Tensor, (B,), pixel units
    geometry : Geometry
    seed : int
    index : Tensor, (B,)
        Positions of the images in their split.
    draw : int
        Which of the points of an image.

    Examples
    --------
    >>> import torch
    >>> from specrob.norms import NORMS
    >>> where = {"seed": 0, "index": torch.tensor([7])}
    >>> moved = random_perturbations(torch.zeros(1, 2), torch.ones(1), NORMS["linf"], **where)
    >>> bool((moved.abs() <= 1).all())
    True
    """
    numbers = [images.shape[1:].numel() + 2]
    drawn = normals(numbers, seed=seed, index=index.tolist(), stream="starts", draw=draw)
    unit = geometry.fill(drawn).to(images).reshape(images.shape)
    return per_image(radius, images) * unit
