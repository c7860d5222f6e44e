"""The same classifier with another spectrum before its read-out."""

from copy import deepcopy
from dataclasses import asdict, replace

import torch
from torch import nn

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet
from specrob.errors import ModelError
from specrob.experiments.default_range import default_alpha
from specrob.experiments.images import load_both
from specrob.experiments.layer_covariance import layer_covariance
from specrob.experiments.loaded_model import check_shape
from specrob.experiments.loading import open_network
from specrob.linalg import symmetric_eigenvectors
from specrob.measures.covariance import Covariance
from specrob.measures.target_spectrum import power_law_scales
from specrob.models import Network, parse_architecture
from specrob.models.principal_scaling import PrincipalScaling, insert_scaling_, linear_readout
from specrob.registry import ARCHITECTURES
from specrob.results import Respectrum
from specrob.settings.images import ImageSettings
from specrob.settings.respectrum import RespectrumSettings

LAYER, FEW = "penultimate", 16


@torch.no_grad()
def respectrum(
    artifact: Artifact,
    images: ImageSettings,
    settings: RespectrumSettings,
    device: torch.device,
    seed: int = 0,
) -> tuple[Network, Data]:
    """Return the network of a model file with another exponent, and the record of its images.

    Raises
    ------
    ModelError
        As for `give_exponent`.

    Examples
    --------
    >>> from specrob.models import build, to_artifact
    >>> options, shape = {"hidden": [40]}, (1, 8, 8)
    >>> net = build("mlp", shape, 10, options, torch.Generator().manual_seed(0))
    >>> file, cpu = to_artifact(Network(net, "mlp", options, shape, 10)), torch.device("cpu")
    >>> changed, _ = respectrum(file, ImageSettings(), RespectrumSettings(0.5), cpu)
    >>> f"{changed.facts['respectrum']['train_alpha']:.3f}"
    '0.500'
    """
    spec = parse_architecture(settings.arch) if settings.arch else None
    network = open_network(artifact, spec, images.normalize)
    trained_on = artifact.provenance.lineage_data()
    train, test, data = load_both(images, network.normalize, seed=seed, trained_on=trained_on)
    network.module.to(device)
    changed = give_exponent(network, train.to(device), test.to(device), settings.alpha)
    changed.module.cpu()
    return changed, data


@torch.no_grad()
def give_exponent(
    network: Network, train: ImageSet, test: ImageSet | None, alpha: float
) -> Network:
    """Return a network with the same logits whose penultimate layer has another exponent.

    Before a linear read-out ``z = A h + b``, h with covariance ``V diag(lambda) V^T`` over the
    training images, a fixed layer ``M = V diag(sqrt(gamma/lambda)) V^T`` is put, gamma_n
    proportional to ``n^-alpha`` with the trace kept, and A becomes ``A M^-1``. Where lambda is
    below the round-off of float32 activations, M is the identity.

    Parameters
    ----------
    network : Network
        Its module stays as it is.
    train, test : ImageSet
        On the device of the module. Without test images there is no exponent over them.
    alpha : float, 0 or more

    Raises
    ------
    ModelError
        If the logits are no linear map of the penultimate layer, or it was changed before.

    Examples
    --------
    >>> from specrob.data import load_image_set
    >>> from specrob.models import build
    >>> options, shape = {"hidden": [40]}, (1, 8, 8)
    >>> net = build("mlp", shape, 10, options, torch.Generator().manual_seed(0))
    >>> network = Network(net, "mlp", options, shape, 10)
    >>> digits = load_image_set("digits", "train")
    >>> facts = give_exponent(network, digits, None, 1.5).facts["respectrum"]
    >>> f"{facts['train_alpha']:.3f}", facts["test_alpha"]
    ('1.500', None)
    """
    if ARCHITECTURES.is_tagged(network.arch, "local") or "respectrum" in network.facts:
        found = "without a read-out" if "respectrum" not in network.facts else "changed before"
        raise ModelError(f"expected a trained classifier, found `{network.arch}` {found}")
    check_shape(network, train)
    module, few = deepcopy(network.module).eval(), train[:FEW]
    logits, readout = module(few), linear_readout(module, few)
    sums = _covariance(module, train)
    scaling, linear = insert_scaling_(module, readout)
    ranks = _give_(scaling, sums, alpha)
    scaling.absorb_(linear)
    changed = Respectrum(
        alpha=alpha,
        readout=readout,
        ranks=ranks,
        train_alpha=_exponent(module, train),
        test_alpha=_exponent(module, test) if test else None,
        logit_change=float((module(few) - logits).norm() / logits.norm()),
    )
    facts = {**network.facts, "respectrum": asdict(changed)}
    return replace(network, module=module, facts=facts)


def _covariance(module: nn.Module, images: ImageSet) -> Covariance:
    return layer_covariance(module, images, LAYER, keep=False)


def _give_(scaling: PrincipalScaling, sums: Covariance, alpha: float) -> int:
    """Set the scales for an exponent; return how many eigenvalues they are of."""
    covariance = sums.covariance()
    values, vectors = (each.flip(-1) for each in symmetric_eigenvectors(covariance))
    # rounding activations to float32 adds about this variance in every direction
    squares = covariance.trace() + sums.mean.square().sum()
    floor = float(torch.finfo(torch.float32).eps ** 2 * squares)
    scales = power_law_scales(values, alpha, floor=floor)
    scaling.set_(mean=sums.mean, vectors=vectors, scales=scales)
    return int((values > floor).sum())


def _exponent(module: nn.Module, images: ImageSet) -> float | None:
    return default_alpha(_covariance(module, images).eigenvalues().cpu().numpy())
