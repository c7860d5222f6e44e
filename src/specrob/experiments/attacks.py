"""Attacks on a network's images, batch by batch: curves and critical distances."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor

from specrob.errors import DataError, UsageError
from specrob.experiments.subject import Subject, require_classifier
from specrob.linalg import NORMS, lp_norms
from specrob.measures.attacks import ATTACKS, Perturb, Problem, StepSize
from specrob.measures.classification import predict
from specrob.measures.critical_distance import (
    Distances,
    critical_distance,
    default_max_eps,
    join,
)
from specrob.measures.robustness import Robustness, robustness, survivors
from specrob.progress import Report, silent

T = TypeVar("T")


@dataclass(frozen=True)
class Threat:
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
    seed, batch_size : int
    """

    method: str
    norm: str | None = None
    bounds: str = "valid"
    loss: str = "ce"
    options: Mapping[str, Any] = field(default_factory=dict)
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
        >>> Threat("pgd", options={"steps": 5, "restarts": None}).resolved()
        ('linf', {'steps': 5})
        """
        row = ATTACKS[self.method]
        given = {name: value for name, value in self.options.items() if value is not None}
        foreign = [name for name in given if name not in row.options]
        if foreign:
            flag = {"project": "no-project"}.get(foreign[0], foreign[0].replace("_", "-"))
            raise UsageError(f"--{flag}: expected with pgd only, found --method {self.method}")
        if given.get("restarts", 1) > 1 and not given.get("random_start"):
            raise UsageError("--restarts: expected with --random-start, else all are the same")
        if self.norm and self.method == "noise":
            raise UsageError("--norm: expected none with --method noise, whose eps is a std")
        if "step_size" in given:
            given["step_size"] = StepSize(*given["step_size"])
        return self.norm or row.norm, given


def robustness_curve(
    subject: Subject, threat: Threat, eps: Sequence[float], *, report: Report = silent
) -> Robustness:
    """Return relative and robust accuracy at every radius; only correct images are attacked."""

    def part(problem: Problem, perturb: Perturb, report: Report) -> tuple[Tensor, Tensor]:
        kept = survivors(problem, perturb, eps, report=report)
        return kept, predict(problem.model, problem.images) == problem.labels

    parts = _by_batch(subject, threat, part, report)
    kept, correct = (torch.cat(column, dim=-1) for column in zip(*parts, strict=True))
    return robustness(kept, correct, eps)


def critical_distances(
    subject: Subject,
    threat: Threat,
    *,
    max_eps: float | None = None,
    tolerance: float = 0.01,
    report: Report = silent,
) -> Distances:
    """Return the critical distance of every image, up to a highest radius.

    `max_eps` is by default 10 times the median norm of the images, in the norm of the attack.
    """
    norm, _ = threat.resolved()
    highest = max_eps or default_max_eps(subject.images.images, NORMS[norm].p)
    ray = ATTACKS[threat.method].ray

    def part(problem: Problem, perturb: Perturb, report: Report) -> Distances:
        how = {"ray": ray, "max_eps": highest, "tolerance": tolerance}
        return critical_distance(problem, perturb, **how, report=report)

    return join(_by_batch(subject, threat, part, report))


def describe_threat(subject: Subject, threat: Threat) -> dict[str, Any]:
    """Return the facts of an attack that go into its result.

    The mean norm of the images is the scale on which a radius is large or small.
    """
    norm, options = threat.resolved()
    if "step_size" in options:
        options["step_size"] = asdict(options["step_size"])
    scale = float(lp_norms(subject.images.images, NORMS[norm].p).mean())
    facts = {"method": threat.method, "norm": norm, "bounds": threat.bounds, "loss": threat.loss}
    unit = "std of each pixel" if threat.method == "noise" else f"{norm} length"
    facts["eps_unit"] = unit
    space = {"normalize": subject.network.normalize, "mean_image_norm": scale}
    return facts | {"options": options, **space}


def _by_batch(
    subject: Subject, threat: Threat, part: Callable[[Problem, Perturb, Report], T], report: Report
) -> list[T]:
    """Return what `part` makes of every batch's problem, prepared attack and progress."""
    _, options = threat.resolved()
    prepare, results, done, total = ATTACKS[threat.method].prepare, [], 0, len(subject.images)
    for problem in _problems(subject, threat):
        count = len(problem.labels)

        def within(settled: int, of: int, *, done: int = done, count: int = count) -> None:
            report(done + count * settled // max(1, of), total)

        results.append(part(problem, prepare(problem, **options), within))
        done += count
        report(done, total)
    return results


def _problems(subject: Subject, threat: Threat) -> Iterator[Problem]:
    model = require_classifier(subject)
    norm, _ = threat.resolved()
    box = subject.images.bounds(threat.bounds)
    if not torch.allclose(box.clip(subject.images.images), subject.images.images, atol=1e-6):
        raise DataError(
            f"expected --bounds that hold the images, found pixels outside of {threat.bounds}"
        )
    for start in range(0, len(subject.images), threat.batch_size):
        rows = slice(start, start + threat.batch_size)
        batch = subject.images.take(rows)
        yield Problem(
            model=model,
            images=batch.images,
            labels=batch.labels,
            bounds=box.take(rows),
            norm=norm,
            loss=threat.loss,
            seed=threat.seed,
            index=batch.index,
        )
