"""How fast logits change at an image, and what that says of the distance to its class boundary.

All follow from the logits z and from ``G = J J^T``, J their Jacobian: ``||J||_F^2`` is the trace
of G, the squared spectral norm its largest eigenvalue, and ``z_y - z_c`` changes at a rate of
``(G_yy + G_cc - 2 G_yc)^(1/2)`` in L2.

Letters: ``B`` images, ``C`` classes, ``D`` pixels.

References
----------
.. [1] M. Hein and M. Andriushchenko, "Formal guarantees on the robustness of a classifier against
   adversarial manipulation", arXiv:1705.08475: margins over local Lipschitz constants.
.. [2] S.-M. Moosavi-Dezfooli, A. Fawzi and P. Frossard, "DeepFool", arXiv:1511.04599: the distance
   to the nearest boundary of the linearized logits.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

LocalMeasure = Callable[[Tensor, Tensor, Tensor], Tensor]


def logits_and_gram(model: Callable[[Tensor], Tensor], images: Tensor) -> tuple[Tensor, Tensor]:
    """Return the logits, (B, C), and the products of their gradients, (B, C, C), in float64.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
        Independent for each image, as networks in evaluation mode are.
    images : Tensor, (B, ...)

    Examples
    --------
    >>> logits, gram = logits_and_gram(lambda x: x * torch.tensor([3.0, 4.0]), torch.ones(1, 2))
    >>> gram.tolist()
    [[[9.0, 0.0], [0.0, 16.0]]]
    """
    x = images.detach().requires_grad_()
    with torch.enable_grad():
        logits = model(x)
        sums = logits.sum(0)
        slopes = [torch.autograd.grad(one, x, retain_graph=True)[0] for one in sums]
    jacobian = torch.stack(slopes, 1).flatten(2).double()
    return logits.detach().double(), jacobian @ jacobian.transpose(1, 2)


def jacobian_norms(logits: Tensor, gram: Tensor, labels: Tensor) -> Tensor:
    """Return the Frobenius norm of the logits' Jacobian at each image, (B,).

    >>> gram = torch.diag(torch.tensor([9.0, 16.0]))[None]
    >>> jacobian_norms(torch.zeros(1, 2), gram, torch.tensor([0]))
    tensor([5.])
    """
    return gram.diagonal(dim1=1, dim2=2).sum(1).sqrt()


def spectral_norms(logits: Tensor, gram: Tensor, labels: Tensor) -> Tensor:
    """Return the largest singular value of the logits' Jacobian at each image, (B,).

    >>> gram = torch.diag(torch.tensor([9.0, 16.0]))[None]
    >>> spectral_norms(torch.zeros(1, 2), gram, torch.tensor([0]))
    tensor([4.])
    """
    eigenvalues: Tensor = torch.linalg.eigvalsh(gram)
    return eigenvalues[:, -1].clamp(min=0).sqrt()


def margins(logits: Tensor, gram: Tensor, labels: Tensor) -> Tensor:
    """Return the label's logit minus the highest other, (B,).

    >>> margins(torch.tensor([[3.0, 1.0]]), torch.zeros(1, 2, 2), torch.tensor([0]))
    tensor([2.])
    """
    own = logits.gather(1, labels[:, None])[:, 0]
    return own - logits.scatter(1, labels[:, None], -torch.inf).amax(1)


def margins_over_jacobian_norms(logits: Tensor, gram: Tensor, labels: Tensor) -> Tensor:
    """Return the margin over the Frobenius norm of the Jacobian, (B,).

    >>> gram = torch.diag(torch.tensor([9.0, 16.0]))[None]
    >>> margins_over_jacobian_norms(torch.tensor([[3.0, 1.0]]), gram, torch.tensor([0]))
    tensor([0.4000])
    """
    return _ratio(margins(logits, gram, labels), jacobian_norms(logits, gram, labels))


def margins_over_spectral_norms(logits: Tensor, gram: Tensor, labels: Tensor) -> Tensor:
    """Return the margin over the spectral norm of the Jacobian, (B,), as in [1]_ for one point.

    >>> gram = torch.diag(torch.tensor([9.0, 16.0]))[None]
    >>> margins_over_spectral_norms(torch.tensor([[3.0, 1.0]]), gram, torch.tensor([0]))
    tensor([0.5000])
    """
    return _ratio(margins(logits, gram, labels), spectral_norms(logits, gram, labels))


def linear_distances(logits: Tensor, gram: Tensor, labels: Tensor) -> Tensor:
    """Return the L2 distance to the nearest boundary of the linearized logits, (B,), [2]_.

    >>> gram = torch.diag(torch.tensor([9.0, 16.0]))[None]
    >>> linear_distances(torch.tensor([[3.0, 1.0]]), gram, torch.tensor([0]))
    tensor([0.4000])
    """
    squares = gram.diagonal(dim1=1, dim2=2)
    rows = labels[:, None]
    own = gram.gather(1, labels[:, None, None].expand(-1, 1, gram.shape[2]))[:, 0]
    rates = (squares.gather(1, rows) + squares - 2 * own).clamp(min=0).sqrt()
    distances = _ratio(logits.gather(1, rows) - logits, rates)
    return distances.scatter(1, rows, torch.inf).amin(1)


def _ratio(margin: Tensor, rate: Tensor) -> Tensor:
    """Return a margin over a rate; a rate of 0 leads nowhere: infinitely far."""
    return torch.where(rate > 0, margin / torch.where(rate > 0, rate, 1), torch.inf)


# what may predict a critical distance -> its value at each image
PREDICTORS: Mapping[str, LocalMeasure] = {
    "jacobian_norm": jacobian_norms,
    "spectral_norm": spectral_norms,
    "margin": margins,
    "margin_over_jacobian_norm": margins_over_jacobian_norms,
    "margin_over_spectral_norm": margins_over_spectral_norms,
    "linear_distance": linear_distances,
}
