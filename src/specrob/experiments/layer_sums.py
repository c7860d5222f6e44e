"""Covariances of layers, summed over batches of images by all processes.

Letters: ``B`` images, ``b`` of one batch, ``N`` units.
"""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor

from specrob.data import BATCH_SIZE, row_slices
from specrob.experiments.run_context import RunContext
from specrob.measures.activation_sums import ActivationSums
from specrob.measures.randomized_covariance import accumulator
from specrob.random import make_generator

Activations = Callable[[slice, Sequence[str]], Mapping[str, Tensor]]


def sum_layers(
    activations: Activations,
    layers: Sequence[str],
    context: RunContext,
    *,
    n_images: int,
    keep: bool = False,
    batch_size: int = BATCH_SIZE,
) -> dict[str, ActivationSums]:
    """Return the sums of some layers over the images, in as many passes as the largest needs.

    Each process adds some of the batches, and all get the complete sums; only the first batch,
    whose mean is the shift, is computed by all.

    Parameters
    ----------
    activations : callable (rows, layers) -> mapping of str to Tensor, (b, N)
    keep : bool
        Whether images will be resampled.
    batch_size : int
        Images at a time, unless the context says so.

    Examples
    --------
    >>> import torch
    >>> x = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    >>> sums = sum_layers(lambda rows, _: {"x": x[rows]}, ["x"], RunContext(), n_images=2)
    >>> sums["x"].eigenvalues()
    tensor([2., 0.], dtype=torch.float64)
    """
    sums: dict[str, ActivationSums] = {}
    processes = context.processes
    left, passes = list(dict.fromkeys(layers)), 0
    while left:
        for number, rows in enumerate(row_slices(n_images, context.batch_size or batch_size)):
            mine = number % processes.count == processes.rank
            batch = activations(rows, left) if mine or not sums else {}
            for layer in left:
                if layer not in sums:
                    sums[layer] = _begun(batch[layer], context, n_images, keep)
                if mine:
                    sums[layer].add_(batch[layer])
                else:
                    sums[layer].skip_(rows.stop - rows.start)
            context.report(rows.stop, n_images)
        passes += 1
        left = [layer for layer in left if sums[layer].passes > passes]
    return sums


def _begun(first: Tensor, context: RunContext, n_images: int, keep: bool) -> ActivationSums:
    """Return empty sums whose shift is the mean of the first batch, (b, N)."""
    sums = accumulator(
        n_images,
        first.shape[1],
        keep=keep,
        generator=make_generator(context.seed, "subspace"),
        processes=context.processes,
    )
    sums.begin_(first)
    return sums
