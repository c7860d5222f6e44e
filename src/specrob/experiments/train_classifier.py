"""From images, and a local layer if there is one, to a classifier."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet, channel_statistics, default_batch_size
from specrob.devices import flush_subnormals
from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.errors import ModelError
from specrob.experiments.adversarial_training import PerturbBatch, perturb_with
from specrob.experiments.checkpoints import Checkpoints, run_settings, supervised_state
from specrob.experiments.image_request import ImageSettings
from specrob.experiments.loaded_model import check_labels, check_shape
from specrob.experiments.loading import open_network
from specrob.experiments.monitoring import (
    TrainingMonitor,
    recalibrate_statistics_,
    resolve_layers,
    small_batches,
    whole_covariance,
)
from specrob.experiments.pretrained import described
from specrob.experiments.training_request import (
    DEFAULT_POWER,
    ArchitectureSettings,
    TrainingSettings,
    trainable,
)
from specrob.geometry import Bounds
from specrob.learning.penalties import Penalty
from specrob.learning.schedules import SCHEDULES
from specrob.learning.supervised import train_supervised
from specrob.learning.training_state import History, LayerAccess, TrainingPlan
from specrob.measures.classification import accuracy
from specrob.models import (
    ArchitectureSpec,
    LocalLayer,
    LocalModel,
    Network,
    ShallowNet,
    Standardized,
    activations,
    build,
)
from specrob.models.layers import pointwise_maps
from specrob.models.torchvision_models import statistics
from specrob.models.whitening import fit_whitening_
from specrob.progress import Report, silent
from specrob.random import make_generator
from specrob.settings.robustness import AdversarialSettings


@flush_subnormals()
def train_classifier(
    artifact: Artifact | None,
    wish: ImageSettings,
    blueprint: ArchitectureSettings,
    plan: TrainingSettings,
    *,
    device: torch.device,
    checkpoints: Checkpoints | None = None,
    processes: Processes = SINGLE_PROCESS,
    report: Report = silent,
) -> tuple[Network, Data]:
    """Return a trained classifier and the record of its images.

    Parameters
    ----------
    artifact : Artifact or None
        A local layer, which gets a read-out; another network, also raw weights, which is trained
        on; or None for a new one.
    wish : ImageSettings
    blueprint : ArchitectureSettings
    plan : TrainingSettings
    device : torch.device
    checkpoints : Checkpoints, optional
    processes : Processes
    report : Report
    """
    if artifact is None or artifact.kind == "weights":
        wanted = trainable(blueprint)
        normalize = wish.normalize or ("standard" if "weights" in wanted.options else "none")
        train, test, data = wish.load_both(normalize)
        if artifact is None:
            network = fresh_network(wanted, train, normalize=normalize, seed=plan.seed)
        else:
            network = described(artifact, wanted, train, train, normalize)
    else:
        network = open_network(artifact, blueprint.wanted, wish.normalize)
        known = artifact.provenance.lineage_data()
        train, test, data = wish.load_both(network.normalize, known)
        check_shape(network, train)
        if isinstance(network.module, LocalModel):
            blueprint.refuse(("power", "batch_norm"), "a local layer")
            network = with_readout(network, train, blueprint, seed=plan.seed)
        else:
            blueprint.refuse((), "a network that is trained on")
    for images in (train, test):
        check_labels(network, images)
    kept = checkpoints or Checkpoints()
    named = {"start": artifact.digest if artifact else None, "arch": network.arch}
    named |= {"options": dict(network.options)}
    asked = named | vars(plan)
    where = {"device": device, "processes": processes}
    kept.begin(run_settings(asked, wish.settings, data, network.normalize, **where))
    how = {"device": device, "checkpoints": kept, "processes": processes, "report": report}
    return train_network(network, train, test, plan, **how), data


def fresh_network(
    wanted: ArchitectureSpec, images: ImageSet, *, normalize: str, seed: int
) -> Network:
    """Return an untrained network for the images, or a pretrained one with a new read-out."""
    shape, options = tuple(images.pixels.shape[1:]), dict(wanted.options)
    module = build(wanted.name, shape, images.classes, options, make_generator(seed, "weights"))
    origin = options.pop("weights", None)  # which its file will bring
    if normalize == "standard":
        module = Standardized(
            module,
            *(statistics(wanted.name, origin) if origin else channel_statistics(images.pixels)),
        )
    return Network(module, wanted.name, options, shape, images.classes, normalize)


def with_readout(
    local: Network, images: ImageSet, blueprint: ArchitectureSettings, *, seed: int
) -> Network:
    """Return a hybrid: the local layer frozen, with an untrained read-out."""
    options = {**local.options, "power": DEFAULT_POWER, **blueprint.options()}
    module = build("hybrid", local.shape, images.classes, options, make_generator(seed, "weights"))
    module.hidden.set_synapses_(local.module.hidden.synapses)
    return replace(local, module=module, arch="hybrid", options=options, classes=images.classes)


def train_network(
    network: Network,
    train: ImageSet,
    test: ImageSet,
    plan: TrainingSettings,
    *,
    device: torch.device,
    checkpoints: Checkpoints,
    processes: Processes = SINGLE_PROCESS,
    report: Report = silent,
) -> Network:
    """Return the network after supervised training, with its history and accuracies.

    Where the hidden layer is frozen and no penalty looks at it, its activations are computed
    once, and only what lies above them is trained.
    """
    module = network.module.to(device)
    schedule = plan.schedule or ("paper-a" if network.arch == "shlp" else "constant")
    batch_size = default_batch_size(plan.batch_size, len(train))
    if not any(weights.requires_grad for weights in module.parameters()):
        raise ModelError(f"expected weights to train, found no parameters in {network.arch}")
    penalties = resolve_layers(plan.penalties, network, train, batch_size)
    whole = plan.adversarial is not None
    trained, first = _above_frozen(network.core, penalties, whole)
    with torch.no_grad():
        seen, shown = (first(x.pixels.to(device)) for x in (train, test))
    if plan.adversarial and not checkpoints.resumed:
        recalibrate_statistics_(module, seen, batch_size)
    box = train.to(device).bounds()
    perturb = _perturb_with(plan.adversarial, box)
    course = TrainingPlan(
        plan.epochs, batch_size, plan.lr, SCHEDULES[schedule], penalties, perturb
    )
    history = train_supervised(
        trained if trained is not network.core else module,
        seen,
        train.labels.to(device),
        course=course,
        access=LayerAccess(
            activations, pointwise_maps, partial(whole_covariance, seen, batch_size)
        ),
        observe=TrainingMonitor(shown, test.labels.to(device), penalties, settle=seen),
        generator=make_generator(plan.seed, "order"),
        processes=processes,
        start=supervised_state(resumed, device) if (resumed := checkpoints.resumed) else None,
        save=checkpoints.save_supervised,
        report=report,
    )
    fit_whitening_(module.eval(), train.pixels.to(device))
    facts = {
        "training": {
            "epochs": plan.epochs,
            "rate": plan.lr,
            "schedule": schedule,
            "batch_size": batch_size,
            "batch_below_layers": small_batches(penalties, network, train, batch_size),
        },
        "history": _rounded(history),
        "train_accuracy": accuracy(module, train.pixels.to(device), train.labels.to(device)),
        "test_accuracy": accuracy(module, test.pixels.to(device), test.labels.to(device)),
    }
    return replace(network, module=module.cpu(), facts={**network.facts, **facts})


def _perturb_with(asked: AdversarialSettings | None, box: Bounds) -> PerturbBatch | None:
    if asked is None:
        return None
    return perturb_with(asked.attack, asked.eps, asked.norm, asked.loss, box)


def _above_frozen(
    core: nn.Module, penalties: Mapping[str, Penalty], whole: bool
) -> tuple[nn.Module, Callable[[Tensor], Tensor]]:
    """Return what is trained, and the frozen part below it that is computed once."""
    frozen_below = isinstance(core, ShallowNet) and isinstance(core.hidden, LocalLayer)
    looked_at = any(p.layers or p.needs_image_gradient({}) for p in penalties.values())
    if not frozen_below or looked_at or whole:
        return core, nn.Identity()

    def frozen(images: Tensor) -> Tensor:
        return torch.cat([core.power(core.hidden(part)) for part in images.split(1000)])

    return nn.Sequential(core.latent, core.readout), frozen


def _rounded(history: History) -> dict[str, Any]:
    """Return the history with seven digits, which is what float32 holds."""
    by_name = {"loss": history.loss, "train_accuracy": history.train_accuracy, **history.observed}
    penalties = {name: _digits(values) for name, values in history.penalties.items()}
    return {**{name: _digits(values) for name, values in by_name.items()}, "penalties": penalties}


def _digits(values: list[float | None]) -> list[float | None]:
    return [None if value is None else float(f"{value:.7g}") for value in values]
