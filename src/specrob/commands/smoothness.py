"""specrob smoothness."""

from specrob.commands.console import Run
from specrob.commands.options import ImageOptions, Model, WeightOptions, expand
from specrob.commands.options_measures import SmoothnessOptions


@expand
def smoothness(
    wanted: SmoothnessOptions,
    network: WeightOptions,
    images: ImageOptions,
    run: Run,
    model: Model = "-",
) -> None:
    """Measure norms of the first weights, and of layers' exact Jacobians over the images.

    Example: specrob smoothness kh.safetensors --layer latent --layer logits -o smoothness.json
    """
    run.begin("smoothness")
    from specrob.artifacts import Artifact
    from specrob.experiments.smoothness import measure_smoothness

    subject = run.subject(model, network, images)
    how = {"batch_size": run.at_a_time(100), "report": run.progress("smoothness, images")}
    found = measure_smoothness(subject, **vars(wanted), **how)
    facts = {"normalize": subject.network.normalize}
    run.finish(Artifact.of("smoothness", found, **facts), subject.data)
