"""specrob attack."""

from typing import Annotated

from specrob.commands.framework.arguments import Model, Only
from specrob.commands.framework.command import Chosen
from specrob.commands.framework.image_run import ImageRun
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.attacks import PGD, Attack, Minimal
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.named_attacks import parse_attack
from specrob.settings.robustness import METHOD, AttackSettings, CurveSettings, SaveSettings
from specrob.settings.shards import ImageCheckpointSettings


@command_for_seeds("model")
def attack(
    attack: Annotated[Attack, Chosen("attack", METHOD, "pgd", parse_attack, (PGD, Minimal))],
    curve: CurveSettings,
    settings: AttackSettings,
    saved: SaveSettings,
    checkpoint: ImageCheckpointSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: ImageRun,
    model: Model = "-",
    only: Only = None,
) -> None:
    """Measure accuracy under perturbations of given sizes.

    Only correctly classified images are attacked: relative accuracy is of
    those, robust accuracy of all.

    Example: specrob attack kh.safetensors --method fgsm --eps 0,8/255,0.1
    """
    run.check_outputs(
        "robustness",
        distributed=True,
        save=(saved.save, "adversarial"),
        save_data=(saved.save_data, "images"),
        checkpoint=checkpoint,
    )
    from specrob.experiments.attacks import robustness_curve
    from specrob.experiments.perturbed import verify_perturbed

    saved.check_radii(curve.eps)
    before = run.images_there(saved.save_data)
    loaded = run.load(model, weights, images, only=only, precision=settings.precision)
    context = run.context(f"{attack.name}, images", checkpoint, file_per_process=True)
    result = robustness_curve(loaded, attack, settings, curve, context, saved=saved, before=before)
    run.write(result.robustness, loaded.data)
    run.write_images(result.data, saved.save_data, loaded.data)
    if saved.save is not None and result.images is not None:
        written = run.write_beside(result.images, saved.save, loaded.data)
        verify_perturbed(written, loaded, context)
