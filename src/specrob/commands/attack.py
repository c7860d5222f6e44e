"""specrob attack."""

from specrob.commands.console import Run
from specrob.commands.options import Arch, ImageOptions, Model, expand
from specrob.commands.options_measures import AttackOptions, Eps, Method, PgdOptions


@expand
def attack(
    how: AttackOptions,
    pgd: PgdOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
    arch: Arch = None,
    method: Method = "pgd",
    eps: Eps = "log:1e-3:1:20",
) -> None:
    """Measure accuracy under perturbations of given sizes.

    Only correctly classified images are attacked: relative accuracy is of
    those, robust accuracy of all.

    Example: specrob attack kh.safetensors --method fgsm --eps 0,8/255,0.1
    """
    run.begin("robustness")
    from specrob.artifacts import Artifact
    from specrob.experiments.attacks import Threat, describe_threat, robustness_curve

    budget = {"seed": run.seed, "batch_size": run.at_a_time()}
    threat = Threat(method, **vars(how), options=vars(pgd), **budget)
    subject = run.subject(model, arch, images)
    found = robustness_curve(subject, threat, eps, report=run.progress(f"{method}, images"))
    facts = describe_threat(subject, threat)
    run.finish(Artifact.of("robustness", found, **facts), subject.data)
