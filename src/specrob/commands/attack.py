"""specrob attack."""

from specrob.commands import options
from specrob.commands.console import Run


@options.expand
def attack(
    images: options.ImageOptions,
    run: Run,
    pgd: options.PgdOptions,
    model: options.Model = "-",
    arch: options.Arch = None,
    method: options.Method = "pgd",
    norm: options.Norm = None,
    eps: options.Eps = "log:1e-3:1:20",
    loss: options.Loss = "ce",
    bounds: options.Bounds = "valid",
) -> None:
    """Measure accuracy under perturbations of given sizes.

    Only correctly classified images are attacked: relative accuracy is of
    those, robust accuracy of all.

    Example: specrob attack kh.safetensors --method fgsm --eps 0,8/255,0.1
    """
    run.begin("robustness")
    from specrob.artifacts import Artifact
    from specrob.experiments.attacks import Threat, describe_threat, robustness_curve

    batch = run.at_a_time()
    threat = Threat(method, norm, bounds, loss, vars(pgd), run.seed, batch)
    subject = run.subject(model, arch, images)
    found = robustness_curve(subject, threat, eps, report=run.progress(f"{method}, images"))
    facts = describe_threat(subject, threat)
    run.finish(Artifact.of("robustness", found, **facts), subject.data)
