"""specrob fit-alpha."""

from typing import Annotated

import typer

from specrob.commands.framework.pipe import Pipe
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.power_law import PowerLawSettings

File = Annotated[
    str, typer.Argument(metavar="SPECTRUM", help="Stdin without it.", show_default=False)
]


@command_for_seeds("spectrum")
def fit_alpha(settings: PowerLawSettings, pipe: Pipe, spectrum: File = "-") -> None:
    """Fit the power-law exponent of each spectrum, and measure its dimensions.

    alpha is the exponent of the ranks; that of the density of eigenvalues is
    1 + 1/alpha. An interval comes with it, or a reason for none;
    `specrob spectrum --bootstrap 100` takes its width from resampled images.

    Example: specrob fit-alpha spectrum.npz --range 3:15
    """
    pipe.check_outputs("power-law")
    from specrob.artifacts import to_result
    from specrob.experiments.exponents import fit_spectra
    from specrob.experiments.smoothness_bound import check_same_images, dimension_of_images
    from specrob.results import Dimension, Spectrum

    artifact = pipe.read(spectrum, "spectrum")
    measured = to_result(artifact, Spectrum, spectrum)
    stimuli = None
    if isinstance(settings.dimension, str):
        found = pipe.read(settings.dimension, "dimension")
        check_same_images(found.provenance, artifact.provenance)
        stimuli = dimension_of_images(to_result(found, Dimension, settings.dimension))
    pipe.write(fit_spectra(measured, settings, stimuli))
