"""specrob landscape."""

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, Model, WeightOptions, expand
from specrob.commands.options_attacks import Only
from specrob.commands.options_measures import LandscapeOptions


@expand
def landscape(
    plane: LandscapeOptions,
    network: WeightOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
    only: Only = None,
) -> None:
    """Map label, confidence and Jacobian norm on a random plane through an image.

    The plane depends on --seed, --index and the image's size only, so that
    models share it; with --only it goes through the first image that all know.

    Example: specrob landscape kh.safetensors --index 3 --points 20 -o landscape.npz
    """
    run.begin("landscape")
    from specrob.artifacts import Artifact
    from specrob.experiments.landscapes import describe_landscape, map_landscape

    subject = run.subject(model, network, images, only=only)
    how = {"seed": run.seed, "batch_size": run.at_a_time()}
    report = run.progress("landscape, points")
    found = map_landscape(subject, **vars(plane), **how, report=report)
    facts = describe_landscape(subject, plane.of)
    run.finish(Artifact.of("landscape", found, **facts), subject.data)
