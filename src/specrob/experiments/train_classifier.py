"""From images, and a local layer if there is one, to a classifier."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from specrob.artifacts import Artifact, Data
from specrob.data import (
    Images,
    ImageSet,
    default_batch_size,
    in_batches,
    row_slices,
    rows_at_a_time,
)
from specrob.devices import flush_subnormals
from specrob.errors import ModelError
from specrob.experiments.adversarial_training import perturb_with
from specrob.experiments.checkpoint_contents import copies
from specrob.experiments.fit_penalties import fit_penalties, layers_above
from specrob.experiments.layer_covariance import recalibrate_statistics_, whole_covariances
from specrob.experiments.monitoring import TrainingMonitor
from specrob.experiments.run_context import RunContext
from specrob.experiments.starting_network import StartingNetwork, starting_network
from specrob.learning.objective import Objective
from specrob.learning.penalties import Penalty, parse_penalties
from specrob.learning.supervised import train_supervised
from specrob.learning.training_state import History, TrainingFacts, TrainingState
from specrob.measures.classification import accuracy
from specrob.models import LocalLayer, Network, ShallowNet, architecture_of
from specrob.models.own_code import code_digest
from specrob.models.whitening import fit_whitening_
from specrob.random import make_generator
from specrob.settings.images import ImageSettings
from specrob.settings.training import ArchitectureSettings, TrainingSettings


@flush_subnormals()
def train_classifier(
    artifact: Artifact | None,
    images: ImageSettings,
    architecture: ArchitectureSettings,
    training: TrainingSettings,
    context: RunContext,
) -> tuple[Network, Data]:
    """Return a trained classifier and the record of its images.

    Parameters
    ----------
    artifact : Artifact or None
        A local layer, which gets a read-out; another network, or raw weights, which are trained
        further; or None for a new network.
    """
    penalties = parse_penalties(training.penalty)
    start = starting_network(artifact, images, architecture, seed=context.seed)
    facts = {
        "start": artifact.digest if artifact else None,
        "arch": start.network.arch,
        "options": start.network.options,
        "code": code_digest(start.network.arch),
        **asdict(training),
        "adversarial": training.adversarial,  # with its attack's name
        "limit": images.limit,
        "processes": context.processes.count,
    }
    context.begin_checkpoint(facts, start.network.normalize, start.train, start.test)
    return train_network(start, training, penalties, context), start.data


def train_network(
    start: StartingNetwork,
    training: TrainingSettings,
    penalties: Mapping[str, Penalty],
    context: RunContext,
) -> Network:
    """Return the network after supervised training, with its history and accuracies.

    Activations of a frozen hidden layer are computed only once, unless a penalty or an attack
    needs the whole network.
    """
    network, device = start.network, context.device
    module = network.module.to(device)
    batch_size = default_batch_size(context.batch_size, len(start.train))
    training = replace(training, schedule=training.schedule or default_schedule(network))
    if not any(weights.requires_grad for weights in module.parameters()):
        raise ModelError(f"expected weights to train, found no parameters in {network.arch}")
    fitted = fit_penalties(penalties, network, start.train, batch_size)
    trained, frozen = split_frozen(network, fitted, whole=training.adversarial is not None)
    with torch.no_grad():
        train, test = (frozen(split.to(device)) for split in (start.train, start.test))
    state = context.checkpoints.load(device, ("order",), TrainingFacts)
    if training.adversarial and state is None:
        recalibrate_statistics_(module, train, batch_size)
    bounds = start.train.to(device).bounds()
    adversarial = training.adversarial
    perturb = perturb_with(adversarial, bounds, seed=context.seed) if adversarial else None
    history = train_supervised(
        trained,
        train,
        start.train.labels.to(device),
        training,
        Objective(fitted, perturb, partial(whole_covariances, train, batch_size)),
        batch_size=batch_size,
        observe=TrainingMonitor(test, start.test.labels.to(device), fitted, training_images=train),
        generator=make_generator(context.seed, "order"),
        processes=context.processes,
        start=TrainingState.from_arrays(*state) if state else None,
        save=partial(_save, context) if context.checkpoints.target else None,
        report=context.report,
    )
    small = layers_above(fitted, network, start.train, batch_size)
    return _with_facts(start, training, batch_size, small, history, device)


def default_schedule(network: Network) -> str:
    """Return the default schedule of the learning rate for a network's architecture."""
    architecture = architecture_of(network.arch)
    return architecture.schedule if architecture else "constant"


def split_frozen(
    network: Network, penalties: Mapping[str, Penalty], *, whole: bool
) -> tuple[nn.Module, Callable[[ImageSet], Images]]:
    """Return the part that is trained, and the frozen part below it that is computed once.

    The whole network is trained if `whole`, or if a penalty needs a layer.
    """
    core = network.core
    needs_layers = any(p.layers or p.needs_image_gradient({}) for p in penalties.values())
    if not isinstance(core, ShallowNet) or not isinstance(core.hidden, LocalLayer):
        return network.module, lambda images: images
    if needs_layers or whole:
        return network.module, lambda images: images

    def frozen(images: ImageSet) -> Tensor:
        first: Tensor = core.power(core.hidden(images[:1]))
        latent = first.new_empty(len(images), *first.shape[1:])
        for rows in row_slices(len(images), rows_at_a_time(images.shape)):
            latent[rows] = core.power(core.hidden(images[rows]))
        return latent

    return nn.Sequential(core.latent, core.readout), frozen


def _save(context: RunContext, state: TrainingState) -> None:
    arrays, facts = state.to_arrays()
    context.checkpoints.save(copies(arrays), {"state": facts})


def _with_facts(
    start: StartingNetwork,
    training: TrainingSettings,
    batch_size: int,
    small: list[str],
    history: History,
    device: torch.device,
) -> Network:
    """Return the trained network, with settings, history and accuracies of the training."""
    module = start.network.module.eval()
    train, test = (split.to(device) for split in (start.train, start.test))
    fit_whitening_(module, in_batches(train))
    facts = {
        "training": {
            "epochs": training.epochs,
            "rate": training.lr,
            "schedule": training.schedule,
            "optimizer": asdict(training.optimizer),
            "until": training.until and str(training.until),
            "reached": training.until and history.has_reached(training.until),
            "epochs_taken": len(history.loss),
            "precision": training.precision,
            "batch_size": batch_size,
            "batch_below_layers": small,
            "adversarial": training.adversarial and training.adversarial.facts(),
        },
        "history": _rounded(history),
        "train_accuracy": accuracy(module, in_batches(train), train.labels),
        "test_accuracy": accuracy(module, in_batches(test), test.labels),
    }
    before = dict(start.network.facts)
    if "respectrum" in before:  # the exponents were those of other weights
        before["respectrum"] = {**before["respectrum"], "train_alpha": None, "test_alpha": None}
    return replace(start.network, module=module.cpu(), facts={**before, **facts})


def _rounded(history: History) -> dict[str, Any]:
    """Return the history with seven digits, which is what float32 holds."""
    by_name: dict[str, list[float | None]] = {
        "loss": [*history.loss],
        "train_accuracy": [*history.train_accuracy],
        **history.observed,
    }
    penalties = {name: _digits([*values]) for name, values in history.penalties.items()}
    return {**{name: _digits(values) for name, values in by_name.items()}, "penalties": penalties}


def _digits(values: list[float | None]) -> list[float | None]:
    return [None if value is None else float(f"{value:.7g}") for value in values]
