"""specrob attack."""

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, Model, Only, WeightOptions, expand
from specrob.commands.options_attacks import (
    AttackOptions,
    CurveOptions,
    Eps,
    Method,
    PgdOptions,
)
from specrob.commands.options_learning import CheckpointOptions


@expand
def attack(
    how: AttackOptions,
    pgd: PgdOptions,
    wanted: CurveOptions,
    kept: CheckpointOptions,
    network: WeightOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
    method: Method = "pgd",
    eps: Eps = "log:1e-3:1:20",
    only: Only = None,
) -> None:
    """Measure accuracy under perturbations of given sizes.

    Only correctly classified images are attacked: relative accuracy is of
    those, robust accuracy of all.

    Example: specrob attack kh.safetensors --method fgsm --eps 0,8/255,0.1
    """
    run.begin("robustness", save=wanted.save, shares=True)
    from specrob.artifacts import Artifact
    from specrob.experiments.adversarial import to_adversarial, verify
    from specrob.experiments.attack_plan import AttackPlan, describe_attack
    from specrob.experiments.attacks import robustness_curve

    budget = {"seed": run.seed, "batch_size": run.at_a_time(), "levels": wanted.levels}
    threat = AttackPlan(method, **vars(how), options=vars(pgd), **budget)
    subject = run.subject(model, network, images, only=only, precision=how.precision)
    asked = {"monotone": wanted.curve == "monotone", "keep_images": wanted.save is not None}
    along = run.along(kept, f"{method}, images")
    curve = robustness_curve(subject, threat, eps, **asked, along=along)
    facts = describe_attack(subject, threat, curve.attacked)
    facts |= {"curve": wanted.curve, "warnings": curve.warnings}
    run.finish(Artifact.of("robustness", curve.robustness, **facts), subject.data)
    if wanted.save:
        whole = to_adversarial(curve, subject, eps, facts)
        verify(run.save(whole, wanted.save, subject.data), subject, threat)
