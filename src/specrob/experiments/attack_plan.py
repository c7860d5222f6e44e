"""What images are attacked with, and the problems that it poses, batch by batch."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from specrob.errors import DataError, UsageError
from specrob.experiments.loading import LoadedModel, require_classifier
from specrob.geometry import NORMS
from specrob.linalg import lp_norms, per_image
from specrob.measures.attacks import ATTACKS, AttackBatch, Prepared, StepSize


@dataclass(frozen=True)
class AttackPlan:
    """What images are attacked with.

    Parameters
    ----------
    method : str
        A key of `ATTACKS`.
    norm : str or None
        None is the method's own.
    bounds : str
        "valid", "none" or "LO:HI".
    loss : {"ce", "margin"}
    options : mapping
        Of the method; None is its default.
    levels : int or None
        Values that a pixel of a perturbed image may have, evenly spaced over its bounds.
    precision : {"float32", "bfloat16"}
        In which gradients are found; labels are always decided in float32.
    seed, batch_size : int
    """

    method: str
    norm: str | None = None
    bounds: str = "valid"
    loss: str = "ce"
    options: Mapping[str, Any] = field(default_factory=dict)
    levels: int | None = None
    precision: str = "float32"
    seed: int = 0
    batch_size: int = 1000

    def resolved(self) -> tuple[str, dict[str, Any]]:
        """Return the norm and the options that were given.

        Raises
        ------
        UsageError
            If the method does not take one of them.

        Examples
        --------
        >>> AttackPlan("pgd", options={"steps": 5, "restarts": None}).resolved()
        ('linf', {'steps': 5})
        """
        row = ATTACKS[self.method]
        given = {name: value for name, value in self.options.items() if value is not None}
        foreign = [name for name in given if name not in row.options]
        if foreign:
            flag = {"project": "no-project"}.get(foreign[0], foreign[0].replace("_", "-"))
            takers = " or ".join(name for name in ATTACKS if foreign[0] in ATTACKS[name].options)
            raise UsageError(f"--{flag}: expected with {takers}, found --method {self.method}")
        if given.get("restarts", 1) > 1 and not given.get("random_start"):
            raise UsageError("--restarts: expected with --random-start, else all are the same")
        if self.norm and self.method == "noise":
            raise UsageError("--norm: expected none with --method noise, whose eps is a std")
        if self.precision != "float32" and self.method == "minimal":
            raise UsageError("--precision: expected float32 with --method minimal; drop it")
        if self.levels and self.bounds == "none":
            raise UsageError("--levels: expected with bounds, found --bounds none; drop one")
        if "step_size" in given:
            given["step_size"] = StepSize(*given["step_size"])
        return self.norm or row.norm, given

    def prepare(self, problem: AttackBatch, method: str | None = None) -> Prepared:
        """Return the attack, or another in its place, ready for the images of a problem."""
        _, options = self.resolved() if method in (None, self.method) else (None, {})
        if self.levels and (method or self.method) == "pgd":
            options["stop"] = False  # the first that fools may not fool any more when rounded
        prepared = ATTACKS[method or self.method].prepare(problem, **options)
        return quantized(prepared, problem, self.levels) if self.levels else prepared


def quantized(prepared: Prepared, problem: AttackBatch, levels: int) -> Prepared:
    """Return the attack with every changed pixel on one of so many levels, within the radius.

    A pixel goes to the nearest level; where that leaves the ball, to the one nearer to the image;
    where that would pass the image, it stays as it was.
    """

    def perturb(rows: Tensor, eps: Tensor) -> Tensor:
        found, box, origin = (
            prepared.perturb(rows, eps),
            problem.bounds.take(rows),
            problem.images[rows],
        )
        low, width = (per_image(x, found) for x in (box.low, box.high - box.low))
        place, slack, rising = (found - low) * ((levels - 1) / width), 1e-3, found > origin
        inward = torch.where(rising, (place + slack).floor(), (place - slack).ceil())
        nearest, inward = (low + n * width / (levels - 1) for n in (place.round(), inward))
        past = torch.where(rising, inward < origin, inward > origin) | ~inward.isfinite()
        inward = torch.where(past | (found == origin), origin, inward)
        outside = (nearest - origin).abs() > per_image(eps, found) * (1 + 1e-5)
        if problem.norm != "linf":
            length = problem.geometry.length(nearest - origin)
            outside = per_image(length > eps * (1 + 1e-5), found)
        return torch.where(outside | ~nearest.isfinite(), inward, nearest)

    return Prepared(perturb, prepared.near)


def describe_attack(
    subject: LoadedModel, threat: AttackPlan, attacked: np.ndarray
) -> dict[str, Any]:
    """Return the facts of an attack that go into its result.

    The mean norm of the images is the scale on which a radius is large or small.

    Parameters
    ----------
    subject : LoadedModel
    threat : AttackPlan
    attacked : ndarray of bool, (B,)
        Which images were classified correctly, and so attacked.
    """
    norm, options = threat.resolved()
    if "step_size" in options:
        options["step_size"] = asdict(options["step_size"])
    scale = float(lp_norms(subject.images.pixels, NORMS[norm].p).mean())
    facts = {"method": threat.method, "norm": norm, "bounds": threat.bounds, "loss": threat.loss}
    unit = "std of each pixel" if threat.method == "noise" else f"{norm} length"
    facts |= {"eps_unit": unit, "options": options, "levels": threat.levels}
    space = {"normalize": subject.network.normalize, "mean_image_norm": scale}
    images = subject.images
    which = {"selection": images.selection, "attacked": images.selection_of(attacked)}
    return facts | space | which


def attack_batches(subject: LoadedModel, threat: AttackPlan) -> Iterator[AttackBatch]:
    """Yield the images batch by batch, each as a problem for the attack.

    Raises
    ------
    DataError
        If pixels lie outside of the bounds.
    """
    model = require_classifier(subject)
    norm, _ = threat.resolved()
    box = subject.images.bounds(threat.bounds)
    images = subject.images.pixels
    outside = (box.clip(images) - images).abs().flatten(1).amax(1) > 1e-6
    if outside.any():
        first = int(outside.nonzero()[0])
        found = f"{float(images[first].min()):.4g} to {float(images[first].max()):.4g}"
        raise DataError(
            f"expected --bounds that hold the images, found {found} in image "
            f"{int(subject.images.index[first])} outside of {threat.bounds}; widen them"
        )
    for start in range(0, len(subject.images), threat.batch_size):
        rows = slice(start, start + threat.batch_size)
        batch = subject.images.take(rows)
        yield AttackBatch(
            model=model,
            images=batch.pixels,
            labels=batch.labels,
            bounds=box.take(rows),
            norm=norm,
            loss=threat.loss,
            seed=threat.seed,
            index=batch.index,
            gradients_in=getattr(torch, threat.precision),
        )
