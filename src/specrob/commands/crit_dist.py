"""specrob crit-dist."""

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, Model, Only, WeightOptions, expand
from specrob.commands.options_attacks import (
    AttackOptions,
    OverOptions,
    PgdOptions,
    SearchMethod,
    SearchOptions,
)
from specrob.commands.options_learning import CheckpointOptions


@expand
def crit_dist(
    how: AttackOptions,
    pgd: PgdOptions,
    search: SearchOptions,
    over: OverOptions,
    kept: CheckpointOptions,
    network: WeightOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
    method: SearchMethod = "pgd",
    only: Only = None,
) -> None:
    """Measure the smallest perturbation that changes the label of each image.

    Images that nothing fools up to --max-eps are censored; the median accounts for them.

    Example: specrob crit-dist kh.safetensors --method fgsm --norm l2 -o distances.npz
    """
    run.begin("distances", shares=True, curve=over.curve)
    radii = over.radii()
    from specrob.artifacts import Artifact
    from specrob.experiments.attack_plan import AttackPlan, describe_attack
    from specrob.experiments.attacks import critical_distances, monotone_curve

    budget = {"seed": run.seed, "batch_size": run.at_a_time()}
    threat = AttackPlan(method, **vars(how), options=vars(pgd), **budget)
    subject = run.subject(model, network, images, only=only, precision=how.precision)
    along = run.along(kept, f"{method}, images")
    found, warnings = critical_distances(subject, threat, **vars(search), radii=radii, along=along)
    facts = describe_attack(subject, threat, found.attacked)
    facts |= {"tolerance": search.tolerance, "warnings": warnings}
    if radii:
        line = Artifact.of("robustness", monotone_curve(found, radii), **facts, curve="monotone")
        run.save(line, over.curve, subject.data)
    run.finish(Artifact.of("distances", found, **facts), subject.data)
