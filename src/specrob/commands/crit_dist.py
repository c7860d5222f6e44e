"""specrob crit-dist."""

from typing import Annotated

from specrob.commands.framework.arguments import Model, Only
from specrob.commands.framework.command import Chosen
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.attacks import PGD, Attack, Minimal
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.named_attacks import parse_attack
from specrob.settings.robustness import (
    DISTANCE_METHOD,
    AttackSettings,
    DistanceCurveSettings,
    DistanceSettings,
)
from specrob.settings.shards import ImageCheckpointSettings


@command_for_seeds("model")
def crit_dist(
    attack: Annotated[
        Attack, Chosen("attack", DISTANCE_METHOD, "pgd", parse_attack, (PGD, Minimal))
    ],
    distance: DistanceSettings,
    curve: DistanceCurveSettings,
    settings: AttackSettings,
    checkpoint: ImageCheckpointSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
    only: Only = None,
) -> None:
    """Measure the smallest perturbation that changes the label of each image.

    Images that nothing fools up to --max-eps are censored; the median accounts for them.
    Example: specrob crit-dist kh.safetensors --method fgsm --norm l2 -o distances.npz
    """
    run.check_outputs(
        "distances",
        distributed=True,
        save_curve=(curve.save_curve, "robustness"),
        checkpoint=checkpoint,
    )
    from specrob.experiments.distances import critical_distances, monotone_curve

    loaded = run.load(model, weights, images, only=only, precision=settings.precision)
    context = run.context(f"{attack.name}, images", checkpoint, file_per_process=True)
    radii = curve.radii()
    result = critical_distances(loaded, attack, settings, distance, context, radii=radii)
    if curve.save_curve is not None:
        run.write_beside(monotone_curve(result, radii), curve.save_curve, loaded.data)
    run.write(result, loaded.data)
