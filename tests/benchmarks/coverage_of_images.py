"""How often intervals of the exponent of images hold that of all images, over disjoint samples.

Run as ``python tests/benchmarks/coverage_of_images.py FILE.npz IMAGES [SAMPLES [REPLICATES]]``,
for the pixels of IMAGES images, SAMPLES times, ranks 10 to 100. It prints a row of a Markdown
table for each kind of error; the reference is the corrected exponent of all images in the file.
"""

import sys
from pathlib import Path

import numpy as np
import torch

from specrob.measures.bias_correction import Sample
from specrob.measures.bootstrap import resample
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import fit_power_law, numerical_rank
from specrob.measures.randomized_covariance import scales_of
from specrob.measures.uncertainty import estimate_uncertainty

BATCH = 5000


def found_in(images, replicates):
    """Return the exponent as fitted, and what is known of it by kind of error."""
    sums = Covariance(len(images), keep=replicates > 0 or None)
    for start in range(0, len(images), BATCH):
        sums.add_(torch.from_numpy(images[start : start + BATCH]).float() / 255)
    values, scales = sums.eigenvalues().numpy(), scales_of(sums)
    values = values[: numerical_rank(values)]
    law = fit_power_law(values, first=10, last=100)
    known = {"images": len(images), "units": images.shape[1], "scales": scales}
    found = {"model": estimate_uncertainty(values, law, Sample(**known))}
    if replicates:
        generator, own = torch.Generator().manual_seed(0), torch.from_numpy(scales.values)
        drawn = resample(sums.coordinates(), replicates, generator, scales=own)
        spectra = np.nan_to_num(drawn.eigenvalues.numpy()[:, : len(values)])
        known |= {"replicates": spectra, "scale_moments": drawn.scale_moments.numpy()}
        found["bootstrap"] = estimate_uncertainty(values, law, Sample(**known))
    return law.alpha, found


def main(path, images, samples=20, replicates=40):
    """Print a row for each kind of error."""
    with np.load(path) as file:
        pixels = np.concatenate([file[name] for name in file.files if file[name].ndim > 2])
    pixels = pixels.reshape(len(pixels), -1)
    order = np.random.default_rng(0).permutation(len(pixels))
    reference = found_in(pixels, 0)[1]["model"].alpha_corrected
    parts = [order[i * images : (i + 1) * images] for i in range(samples)]
    alphas, found = zip(*(found_in(pixels[part], replicates) for part in parts), strict=True)
    for kind in found[0]:
        each = [one[kind] for one in found if one[kind].ci]
        corrected = np.array([one.alpha_corrected for one in each])
        ends = np.array([one.ci for one in each])
        held = np.mean((ends[:, 0] <= reference) & (reference <= ends[:, 1]))
        print(
            f"| {Path(path).stem}, {images} | {kind} | {reference:.4f} | {np.mean(alphas):.4f} |"
            f" {corrected.mean():.4f} | {corrected.std(ddof=1):.4f} |"
            f" {np.ptp(ends, axis=1).mean():.4f} | {held:.2f} |"
            f" {samples - len(each)} of {samples} |",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
