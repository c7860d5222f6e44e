"""specrob certify."""

from specrob.commands.framework.arguments import Model, Only, UpperFile
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.certificates import CertificateSettings
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.shards import ImageCheckpointSettings


@command_for_seeds("model")
def certify(
    settings: CertificateSettings,
    checkpoint: ImageCheckpointSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
    only: Only = None,
    distances: UpperFile = None,
) -> None:
    """Prove a distance within which the label of each image cannot change.

    It is a lower bound of the critical distance, by linear bounds of the network;
    `specrob crit-dist` finds an upper one. Labels are those of float32, whose
    round-off is estimated unless --rounding worst is given.

    Example: specrob certify bp.safetensors --limit 100 -o bounds.npz
    """
    run.check_outputs("bounds", distributed=True, checkpoint=checkpoint)
    from specrob.experiments.certificates import certified_distances
    from specrob.experiments.reference_distances import distances_of

    loaded = run.load(model, weights, images, only=only)
    context = run.context("certify, images", checkpoint, file_per_process=True)
    read = run.read(distances, "distances") if distances is not None else None
    found = distances_of(loaded, read) if read is not None else None
    run.write(certified_distances(loaded, settings, context, found=found), loaded.data)
