"""Weights from elsewhere as a model of specrob."""

from specrob.artifacts import Artifact, Data
from specrob.errors import UsageError
from specrob.experiments.subject import open_weights
from specrob.experiments.wish import Wish
from specrob.models import Network, Request, Standardized, build, request
from specrob.models.checkpoint import read_checkpoint
from specrob.models.vision import classes_of, statistics


def import_network(path: str | None, arch: str, wish: Wish) -> tuple[Network, Data]:
    """Return a network with the weights of a checkpoint, or with those that its name promises.

    The images say the shape that the network is shown.

    Parameters
    ----------
    path : str or None
        A PyTorch checkpoint; None for ``torchvision:NAME,weights=...``.
    arch : str
    wish : Wish

    Raises
    ------
    ModelError, UsageError
        If the weights are not there or do not fit.
    """
    wanted = request(arch)
    if path is None:
        return _named(wanted, wish)
    if "weights" in wanted.options:
        raise UsageError("--arch: expected weights= without CHECKPOINT, found both; drop one")
    network, _, data = open_weights(Artifact("weights", read_checkpoint(path)), wanted, wish)
    return network, data


def _named(wanted: Request, wish: Wish) -> tuple[Network, Data]:
    if "weights" not in wanted.options:
        raise UsageError(
            "expected CHECKPOINT, or --arch torchvision:NAME,weights=DEFAULT, found neither"
        )
    origin = str(wanted.options["weights"])
    images, data = wish.load("test", "standard")
    shape, classes = tuple(images.images.shape[1:]), classes_of(wanted.name, origin)
    module = build(wanted.name, shape, classes, wanted.options)
    module = Standardized(module, *statistics(wanted.name, origin)).eval()
    options = {name: value for name, value in wanted.options.items() if name != "weights"}
    return Network(module, wanted.name, options, shape, classes, "standard"), data
