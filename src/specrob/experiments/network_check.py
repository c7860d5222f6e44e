"""Whether a network with weights from elsewhere answers as it should.

Letters: ``B`` images, ``b`` of them, ``C`` channels, ``H`` and ``W`` pixels.
"""

import torch
from torch import Tensor

from specrob.data import ImageSet, default_batch_size, row_slices
from specrob.errors import ModelError
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.loaded_model import check_labels
from specrob.experiments.run_context import RunContext
from specrob.measures.classification import predict
from specrob.models import Network
from specrob.progress import Report
from specrob.registry import ARCHITECTURES
from specrob.statistics.intervals import wilson_interval

NOT_CHECKED = (
    "no accuracy was checked: no images are named; name them as `data` to see whether the "
    "network is used as it was trained"
)
ONE_CLASS = "no accuracy was checked: the images are all of one class"
LARGEST_BATCH = 250
NEAR_CHANCE = 0.1  # accuracy above guessing that is still doubted


def check_logits(network: Network, images: Tensor) -> None:
    """Raise ModelError unless the network returns finite logits for a batch, (b, C, H, W).

    >>> from torch import nn
    >>> net = Network(nn.Sequential(nn.Flatten(), nn.Linear(4, 3)), "a:b", {}, (1, 2, 2), 3)
    >>> check_logits(net, torch.zeros(5, 1, 2, 2))
    """
    shape, expected = tuple(images.shape), (len(images), network.classes)
    wanted = f"expected logits {expected} for a batch {shape} from {network.arch}"
    advice = "check `arch` and the shape of the images"
    try:
        with torch.no_grad():
            logits = network.module(images)
        found = tuple(logits.shape)
    except (TypeError, ValueError, IndexError, AttributeError, RuntimeError) as error:
        if "memory" in str(error).lower():
            raise  # the command line says what to lower
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ModelError(f"{wanted}, found: {reason}; {advice}") from error
    if found != expected and not ARCHITECTURES.is_tagged(network.arch, "local"):
        raise ModelError(f"{wanted}, found {found}; {advice}")
    wrong = int((~logits.isfinite()).flatten(1).any(1).sum())
    if wrong:
        raise ModelError(
            f"expected finite logits, found NaN or inf for {wrong} of {len(images)} images; "
            "check the weights and `normalize`"
        )


def count_correct(network: Network, images: ImageSet, context: RunContext) -> int | None:
    """Return how many images are classified correctly; None where there are no classes.

    Raises
    ------
    DataError
        If labels are beyond the network's classes.
    """
    if ARCHITECTURES.is_tagged(network.arch, "local") or images.classes < 2:
        return None
    check_labels(network, images)
    size = default_batch_size(context.batch_size, len(images), LARGEST_BATCH)
    batches = list(row_slices(len(images), size))

    def measure(batch: int, report: Report) -> dict[str, Tensor]:
        return {"label": predict(network.module, images[batches[batch]], batch_size=size)}

    predicted = map_batches([rows.stop - rows.start for rows in batches], measure, context)
    return int((predicted["label"] == images.labels.cpu()).sum())


def accuracy_warning(correct: int, images: ImageSet, normalize: str) -> str | None:
    """Return a line where the accuracy is near that of guessing, with the likely causes.

    That is below twice chance, of few classes below a tenth above it, or where the 95% interval
    holds chance.

    >>> from specrob.data import load_image_set
    >>> digits = load_image_set("digits", "test", limit=100)
    >>> accuracy_warning(12, digits, "none")  # doctest: +ELLIPSIS
    'warning: accuracy 0.12 on 100 images is near that of guessing one of 10 classes (0.1);...
    >>> accuracy_warning(30, digits, "none")
    """
    chance = 1 / images.classes
    low, _ = wilson_interval(correct / len(images), len(images))
    if low > chance and correct / len(images) >= min(2 * chance, chance + NEAR_CHANCE):
        return None
    cause = (
        "it was trained on normalized images, and `normalize` (standard, or mean=M,std=S) was "
        "forgotten"
        if normalize == "none"
        else f"it was trained with another `normalize` than {normalize}"
    )
    return (
        f"warning: accuracy {correct / len(images):.4g} on {len(images)} images is near that of "
        f"guessing one of {images.classes} classes ({chance:.4g}); likely causes: {cause}, or its "
        "classes are in another order"
    )
