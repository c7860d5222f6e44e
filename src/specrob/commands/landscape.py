"""specrob landscape."""

from specrob.commands.framework.arguments import DistancesFile, Model, Only
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import LandscapeSettings


@command_for_seeds("model")
def landscape(
    settings: LandscapeSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
    only: Only = None,
    distances: DistancesFile = None,
) -> None:
    """Map label, confidence and Jacobian norm on a random plane through an image.

    The plane depends on --seed, --index and the image's size only, so that
    models share it; with --only it goes through the first image that all
    models classify correctly. With --span auto and the same --distances
    they also share its extent, near the decision border.

    Example: specrob landscape kh.safetensors --index 3 --points 20 -o landscape.npz
    """
    settings.check_distances(distances)
    run.check_outputs("landscape")
    from specrob.experiments.landscapes import map_landscape

    loaded = run.load(model, weights, images, only=only)
    found = run.read(distances, "distances") if distances is not None else None
    result = map_landscape(loaded, settings, run.context("landscape, points"), distances=found)
    run.write(result, loaded.data)
