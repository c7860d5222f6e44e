"""From images, and a local layer if there is one, to a classifier."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from specrob.artifacts import Artifact, Data
from specrob.data import Images, channel_statistics, shrink_batch
from specrob.devices import generator
from specrob.errors import ModelError, UsageError
from specrob.experiments.subject import check_labels, check_shape, open_network
from specrob.experiments.wish import Wish
from specrob.learning.penalties import Penalty, parse_all
from specrob.learning.schedules import SCHEDULES
from specrob.learning.supervised import History, train_supervised
from specrob.measures.classification import accuracy
from specrob.models import (
    ARCHITECTURES,
    LocalLayer,
    Network,
    Request,
    ShallowNet,
    Standardized,
    build,
    request,
    with_options,
)
from specrob.progress import Report, silent

DEFAULT_POWER = 4.5


@dataclass(frozen=True)
class Plan:
    """How a network is trained.

    Parameters
    ----------
    epochs : int
    lr : float
        First rate of Adam.
    schedule : str or None
        A key of `SCHEDULES`; None is the architecture's own.
    penalties : mapping of str to Penalty
    batch_size : int or None
        None is 1,000, or less where that would leave fewer than ten batches.
    seed : int
    """

    epochs: int
    lr: float
    schedule: str | None = None
    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    batch_size: int | None = None
    seed: int = 0

    @classmethod
    def of(cls, penalty: list[str] | None, **given: Any) -> "Plan":
        """Return the plan of command-line options; penalties are still words."""
        return cls(penalties=parse_all(penalty or []), **given)


@dataclass(frozen=True)
class Blueprint:
    """What is asked for beside the images; None is not asked for.

    Parameters
    ----------
    wanted : Request or None
        A new network, or the factory of the one that is trained on.
    hidden : int or None
    power : float or None
        m of relu(h)^m.
    batch_norm : bool
    """

    wanted: Request | None
    hidden: int | None = None
    power: float | None = None
    batch_norm: bool = False

    @classmethod
    def of(cls, arch: str | None, **given: Any) -> "Blueprint":
        """Return the blueprint of command-line options; the architecture is still a word."""
        return cls(request(arch) if arch else None, **given)

    def options(self) -> dict[str, Any]:
        """Return the options that were given."""
        given = {"hidden": self.hidden, "power": self.power, "batch_norm": self.batch_norm or None}
        return {name: value for name, value in given.items() if value is not None}

    def refuse(self, taken: tuple[str, ...], where: str) -> None:
        """Raise UsageError if an option was given that is not among those taken."""
        foreign = [name for name in self.options() if name not in taken]
        if foreign:
            flag = foreign[0].replace("_", "-")
            raise UsageError(f"--{flag}: expected with a new network, found with {where}; drop it")


def train_classifier(
    artifact: Artifact | None,
    wish: Wish,
    blueprint: Blueprint,
    plan: Plan,
    *,
    device: torch.device,
    report: Report = silent,
) -> tuple[Network, Data]:
    """Return a trained classifier and the record of its images.

    Parameters
    ----------
    artifact : Artifact or None
        A local layer, which gets a read-out; another network, which is trained on; or None for a
        new one.
    wish : Wish
    blueprint : Blueprint
    plan : Plan
    device : torch.device
    report : Report
    """
    if artifact is None:
        normalize = wish.normalize or "none"
        wanted = trainable(blueprint)
        train, test, data = wish.load_both(normalize)
        network = fresh_network(wanted, train, normalize=normalize, seed=plan.seed)
    else:
        network = open_network(artifact, blueprint.wanted, wish.normalize)
        known = artifact.provenance.lineage_data()
        train, test, data = wish.load_both(network.normalize, known)
        check_shape(network, train)
        if network.arch == "kh":
            blueprint.refuse(("power", "batch_norm"), "a kh layer")
            network = with_readout(network, train, blueprint, seed=plan.seed)
        else:
            blueprint.refuse((), "a network that is trained on")
    for images in (train, test):
        check_labels(network, images)
    return train_network(network, train, test, plan, device=device, report=report), data


def fresh_network(wanted: Request, images: Images, *, normalize: str, seed: int) -> Network:
    """Return an untrained network for the images."""
    shape = tuple(images.images.shape[1:])
    module = build(wanted.name, shape, images.classes, wanted.options, generator(seed, "weights"))
    if normalize == "standard":
        module = Standardized(module, *channel_statistics(images.images))
    return Network(module, wanted.name, wanted.options, shape, images.classes, normalize)


def trainable(blueprint: Blueprint) -> Request:
    """Return the new network that is asked for, with its options.

    Raises
    ------
    UsageError
        If it cannot be trained from nothing, or does not take the options.
    """
    wanted = blueprint.wanted
    row = ARCHITECTURES.get(wanted.name)
    if row and not row.fresh:
        raise UsageError(
            f"--arch: expected a network that gradients train, found {wanted.name}; "
            "make its layer with `specrob train-kh` and pipe it in"
        )
    return with_options(wanted, blueprint.options())


def with_readout(local: Network, images: Images, blueprint: Blueprint, *, seed: int) -> Network:
    """Return a hybrid: the local layer frozen, with an untrained read-out."""
    options = {**local.options, "power": DEFAULT_POWER, **blueprint.options()}
    module = build("hybrid", local.shape, images.classes, options, generator(seed, "weights"))
    module.hidden.synapses = local.module.hidden.synapses
    module.hidden.refresh_()
    return replace(local, module=module, arch="hybrid", options=options, classes=images.classes)


def train_network(
    network: Network,
    train: Images,
    test: Images,
    plan: Plan,
    *,
    device: torch.device,
    report: Report = silent,
) -> Network:
    """Return the network after supervised training, with its history and accuracies.

    Where the hidden layer is frozen its activations are computed once, and only what lies above
    them is trained.
    """
    module, order = network.module.to(device), generator(plan.seed)
    schedule = plan.schedule or ("paper-a" if network.arch == "shlp" else "constant")
    trained, first = _above_frozen(network.core)
    if not any(weights.requires_grad for weights in trained.parameters()):
        raise ModelError(f"expected weights to train, found no parameters in {network.arch}")
    with torch.no_grad():
        seen, shown = (first(x.images.to(device)) for x in (train, test))
    history = train_supervised(
        trained if trained is not network.core else module,
        seen,
        train.labels.to(device),
        epochs=plan.epochs,
        batch_size=shrink_batch(plan.batch_size, len(train)),
        rate=plan.lr,
        schedule=SCHEDULES[schedule],
        penalties=plan.penalties,
        evaluate=lambda model: accuracy(model, shown, test.labels.to(device)),
        generator=order,
        report=report,
    )
    module.eval()
    facts = {
        "training": {"epochs": plan.epochs, "rate": plan.lr, "schedule": schedule},
        "history": _rounded(history),
        "train_accuracy": accuracy(module, train.images.to(device), train.labels.to(device)),
        "test_accuracy": accuracy(module, test.images.to(device), test.labels.to(device)),
    }
    return replace(network, module=module.cpu(), facts={**network.facts, **facts})


def _above_frozen(core: nn.Module) -> tuple[nn.Module, Any]:
    """Return what is trained, and the frozen part below it that is computed once."""
    if not (isinstance(core, ShallowNet) and isinstance(core.hidden, LocalLayer)):
        return core, nn.Identity()

    def frozen(images: Tensor) -> Tensor:
        return torch.cat([core.power(core.hidden(part)) for part in images.split(1000)])

    return nn.Sequential(core.latent, core.readout), frozen


def _rounded(history: History) -> dict[str, Any]:
    """Return the history with seven digits, which is what float32 holds."""
    plain = asdict(history)
    penalties = {name: _digits(values) for name, values in plain.pop("penalties").items()}
    return {**{name: _digits(values) for name, values in plain.items()}, "penalties": penalties}


def _digits(values: list[float]) -> list[float]:
    return [float(f"{value:.7g}") for value in values]
