"""specrob crit-dist."""

from typing import Annotated

import typer

from specrob.commands import options, parse
from specrob.commands.console import Run

MaxEps = Annotated[
    float | None,
    typer.Option(
        parser=parse.checked(parse.positive),
        metavar="X",
        help="Highest radius tried. (default 10 times the median image norm)",
        show_default=False,
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        parser=parse.checked(parse.tolerance), metavar="X", help="Of the radius, relative."
    ),
]


@options.expand
def crit_dist(
    images: options.ImageOptions,
    run: Run,
    pgd: options.PgdOptions,
    model: options.Model = "-",
    arch: options.Arch = None,
    method: options.RayMethod = "pgd",
    norm: options.Norm = None,
    max_eps: MaxEps = None,
    tolerance: Tolerance = 0.01,
    loss: options.Loss = "ce",
    bounds: options.Bounds = "valid",
) -> None:
    """Measure the smallest perturbation that changes the label, image by image.

    Images that nothing fools up to --max-eps are censored: the median
    accounts for them.

    Example: specrob crit-dist kh.safetensors --method fgsm --norm l2 -o distances.npz
    """
    run.begin("distances")
    from specrob.artifacts import Artifact
    from specrob.experiments.attacks import Threat, critical_distances, describe_threat

    batch = run.at_a_time()
    threat = Threat(method, norm, bounds, loss, vars(pgd), run.seed, batch)
    subject = run.subject(model, arch, images)
    report = run.progress(f"{method}, images")
    found = critical_distances(
        subject, threat, max_eps=max_eps, tolerance=tolerance, report=report
    )
    facts = describe_threat(subject, threat) | {"tolerance": tolerance}
    run.finish(Artifact.of("distances", found, **facts), subject.data)
