"""The decisions of a network on a plane through an image, and its Jacobian norms there.

Letters: ``P`` grid points per axis, ``D`` pixels, ``C`` classes.

References
----------
.. [1] J. Hoffman, D. A. Roberts and S. Yaida, "Robust learning with Jacobian regularization",
   arXiv:1908.02729.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from specrob.progress import Report, silent
from specrob.random import normals
from specrob.results import Landscape
from specrob.settings.measures import LandscapeSettings


def random_plane(pixels: int, *, seed: int, index: int) -> Tensor:
    """Return two orthonormal directions that depend on seed, index and size only, (2, D).

    >>> plane = random_plane(50, seed=0, index=3)
    >>> torch.allclose(plane @ plane.T, torch.eye(2), atol=1e-6)
    True
    """
    drawn = normals([2, pixels], seed=seed, index=[index], stream="plane")[0].double()
    orthonormal, upper = torch.linalg.qr(drawn.T)
    directions: Tensor = (orthonormal * upper.diagonal().sign()).T.float()
    return directions


@torch.no_grad()
def landscape(
    model: Callable[[Tensor], Tensor],
    image: Tensor,
    *,
    directions: Tensor,
    span: float,
    points: int = LandscapeSettings.points,
    jacobian_norm: Callable[[Tensor], Tensor],
    index: int = 0,
    layer: str | None = None,
    normalize: str | None = None,
    image_label: int | None = None,
    batch_size: int = 1000,
    report: Report = silent,
) -> Landscape:
    """Return label, confidence and Jacobian norm on a plane through an image; nothing is clipped.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    image : Tensor, (...)
    directions : Tensor, (2, D), orthonormal
    span : float, pixel units
        The plane reaches from -span to span on both axes.
    points : int
        P.
    jacobian_norm : callable, (B, ...) -> (B,)
    index, layer, normalize, image_label
        Facts of the result: position of the image in its split, layer of the Jacobian norm,
        normalization of the images, and true class of the image.

    Examples
    --------
    >>> ones = lambda images: torch.ones(len(images))
    >>> axes, zero = torch.eye(2), torch.zeros(2)
    >>> grid = landscape(
    ...     lambda x: x, zero, directions=axes, span=1.0, points=3, jacobian_norm=ones
    ... )
    >>> grid.label  # 0 where u >= v
    array([[0, 0, 0],
           [1, 0, 0],
           [1, 1, 0]])
    """
    axis = torch.linspace(-span, span, points, device=image.device)
    plane = directions.to(image.device)
    labels, confidences, norms = [], [], []
    grid = torch.cartesian_prod(axis, axis)  # rows (v, u), u fastest
    for done, part in enumerate(torch.split(grid, batch_size)):
        at = image.flatten() + part.flip(1) @ plane
        at = at.reshape(-1, *image.shape)
        logits = model(at)
        labels.append(logits.argmax(1))
        confidences.append(logits.softmax(1).gather(1, labels[-1][:, None])[:, 0])
        norms.append(jacobian_norm(at))
        report(min((done + 1) * batch_size, len(grid)), len(grid))
    maps = [torch.cat(m).reshape(points, points) for m in (labels, confidences, norms)]
    label, confidence, norm = (one.cpu().numpy() for one in maps)
    return Landscape(
        label=label,
        confidence=confidence,
        jacobian_norm=norm,
        u=axis.cpu().numpy(),
        v=axis.cpu().numpy(),
        directions=directions.cpu().numpy(),
        index=np.array(index),
        of=layer,
        normalize=normalize,
        image_label=image_label,
        image_prediction=int(model(image[None]).argmax(1)),
        image_jacobian_norm=float(jacobian_norm(image[None])),
    )
