"""specrob landscape."""

from specrob.commands.framework.arguments import Model, Only
from specrob.commands.framework.members import command_for_members
from specrob.commands.framework.run import Run
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import LandscapeSettings


@command_for_members("model")
def landscape(
    settings: LandscapeSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
    only: Only = None,
) -> None:
    """Map label, confidence and Jacobian norm on a random plane through an image.

    The plane depends on --seed, --index and the image's size only, so that
    models share it; with --only it goes through the first image that all
    models classify correctly.

    Example: specrob landscape kh.safetensors --index 3 --points 20 -o landscape.npz
    """
    run.check_outputs("landscape")
    from specrob.experiments.landscapes import map_landscape

    loaded = run.load(model, weights, images, only=only)
    result = map_landscape(loaded, settings, run.context("landscape, points"))
    run.write(result, loaded.data)
