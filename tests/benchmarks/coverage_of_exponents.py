"""How often intervals of exponents hold the truth, over samples of populations that are known.

Run as ``python tests/benchmarks/coverage_of_exponents.py [DRAWS [REPLICATES [KIND ...]]]``; with
200 draws and 60 replicates it takes about an hour on two cores. It prints a Markdown table with a
row for each population and kind of error: mean exponent as fitted and corrected, standard
deviation of the latter, mean width of the interval, its coverage, and how often none is given
because images are too few for the range.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch

from specrob.measures.bias_correction import Sample
from specrob.measures.bootstrap import resample
from specrob.measures.covariance import Covariance
from specrob.measures.cvpca import cv_products, noise_variance, resample_products
from specrob.measures.power_law import fit_power_law
from specrob.measures.randomized_covariance import scales_of
from specrob.measures.uncertainty import estimate_uncertainty


@dataclass(frozen=True)
class Setting:
    """A population with eigenvalues n^-alpha, how it is sampled, and the range of the fit."""

    kind: str  # gaussian, rectified, sparse, laplace, t4, t6, or cv: two repeats with noise
    images: int
    units: int
    alpha: float
    first: int
    last: int
    noise: float = 0.0  # variance of the noise of a unit, in mean variances of the signal

    @property
    def title(self):
        noise = f", noise {self.noise:g}" if self.noise else ""
        return f"{self.kind}, {self.images} x {self.units}, {self.first}..{self.last}{noise}"


SETTINGS = [
    Setting("gaussian", 500, 1000, 1.0, 10, 100),
    Setting("gaussian", 500, 300, 1.0, 10, 100),
    Setting("gaussian", 2000, 300, 1.0, 10, 150),
    Setting("gaussian", 2000, 100, 1.0, 5, 30),
    Setting("gaussian", 1000, 500, 2.0, 10, 150),
    Setting("gaussian", 2000, 500, 0.5, 10, 150),
    Setting("rectified", 2000, 300, 1.0, 10, 150),
    Setting("rectified", 1000, 300, 1.0, 10, 100),
    Setting("rectified", 500, 300, 1.0, 10, 100),
    Setting("sparse", 2000, 300, 1.0, 10, 100),
    Setting("sparse", 10000, 300, 1.0, 10, 100),
    Setting("laplace", 1000, 300, 1.0, 10, 100),
    Setting("t6", 2000, 300, 1.0, 10, 150),
    Setting("t6", 500, 1000, 1.0, 10, 100),
    Setting("t6", 500, 300, 1.0, 10, 100),
    Setting("t4", 2000, 300, 1.0, 10, 150),
    Setting("t4", 500, 300, 1.0, 10, 100),
    *(Setting("cv", 1000, 300, a, 10, 100, q) for a in (0.7, 1.0, 1.5) for q in (0.5, 2.0)),
]


def rectified(covariance):
    """Return the covariance of max(0, x) for Gaussian x (arc-cosine kernel, Cho and Saul 2009)."""
    scale = np.sqrt(np.diag(covariance))
    products = np.outer(scale, scale)
    cosine = np.clip(covariance / products, -1, 1)
    second = np.sqrt(1 - cosine**2) + cosine * (np.pi - np.arccos(cosine))
    return products * (second - 1) / (2 * np.pi)


def rotation(units):
    return np.linalg.qr(np.random.default_rng(99).normal(size=(units, units)))[0]


def truth(setting):
    """Return the exponent of the population's own eigenvalues over the range."""
    values = np.arange(1, setting.units + 1.0) ** -setting.alpha
    if setting.kind == "rectified":
        axes = rotation(setting.units)
        values = np.linalg.eigvalsh(rectified(axes * values @ axes.T))[::-1]
    if setting.kind == "sparse":  # of 400,000 images
        values, draws = np.zeros(setting.units), np.random.default_rng(11)
        products, total, many = 0, 0, 400_000
        for _ in range(40):
            x = activations(replace(setting, images=many // 40), draws)
            products, total = products + x.T @ x / many, total + x.sum(0) / many
        values = np.linalg.eigvalsh(products - np.outer(total, total))[::-1]
    return fit_power_law(values, first=setting.first, last=setting.last).alpha


def activations(setting, draws):
    values = np.arange(1, setting.units + 1.0) ** -setting.alpha
    x = draws.normal(size=(setting.images, setting.units)) * np.sqrt(values)
    if setting.kind in ("rectified", "sparse"):
        turned = x @ rotation(setting.units).T
        return np.maximum(turned - (setting.kind == "sparse") * turned.std(0), 0)
    if setting.kind == "laplace":
        return draws.laplace(size=x.shape) * np.sqrt(values / 2)
    if setting.kind.startswith("t"):
        freedom = int(setting.kind[1:])
        x *= np.sqrt((freedom - 2) / draws.chisquare(freedom, size=(len(x), 1)))
    return x


def one(setting, seed, replicates):
    """Return exponent and what is known of it, without and with resampled images."""
    draws, generator = np.random.default_rng([seed, 7]), torch.Generator().manual_seed(seed)
    x = torch.from_numpy(activations(setting, draws))
    known = {"images": setting.images, "units": setting.units}
    if setting.kind == "cv":
        level = np.sqrt(setting.noise * float((x**2).mean()))
        repeats = [x + level * torch.from_numpy(draws.normal(size=x.shape)) for _ in range(2)]
        products = cv_products(*repeats)
        values = (products.sum(0) / (setting.images - 1)).numpy()
        drawn = resample_products(products, replicates, generator)
        known |= {"noise": noise_variance(*repeats)}
    else:
        sums = Covariance(setting.images, keep=True)
        sums.add_(x)
        values = sums.eigenvalues().numpy()[: setting.images - 1]
        scales = scales_of(sums)
        drawn = resample(
            sums.coordinates(), replicates, generator, scales=torch.from_numpy(scales.values)
        )
        known |= {"scales": scales}
    if not (values[: setting.last] > 0).all():  # cross-validated, and all noise at the end
        return np.nan, {"bootstrap": None}
    law = fit_power_law(values, first=setting.first, last=setting.last)
    spectra = np.nan_to_num(drawn.eigenvalues.numpy()[:, : len(values)])
    if not (spectra[:, : setting.last] > 0).all():
        return law.alpha, {"bootstrap": None}
    resampled = {"replicates": spectra, "scale_moments": drawn.scale_moments.numpy()}
    found = {"bootstrap": estimate_uncertainty(values, law, Sample(**known, **resampled))}
    if setting.kind != "cv":
        found = {"model": estimate_uncertainty(values, law, Sample(**known))} | found
    return law.alpha, found


def row(setting, name, alphas, found, exact):
    given = [each for each in found if each is not None and each.ci]
    head = f"| {setting.title} | {name} | {exact:.4f} | {np.nanmean(alphas):.4f} |"
    if not given:
        return f"{head} | | | | | {len(found)} of {len(found)} |"
    corrected = np.array([each.alpha_corrected for each in given])
    spread, off = corrected.std(ddof=1), corrected.mean() - exact
    allowed = spread / 3 + 2 * spread / np.sqrt(len(given))
    ends = np.array([each.ci for each in given])
    held = np.mean((ends[:, 0] <= exact) & (exact <= ends[:, 1]))
    width = np.mean(ends[:, 1] - ends[:, 0])
    verdict = "" if abs(off) < allowed and held >= 0.9 else " (!)"
    numbers = f"{corrected.mean():.4f} | {spread:.4f} | {off / spread:+.2f} | {width:.4f}"
    return f"{head} {numbers} | {held:.3f}{verdict} | {len(found) - len(given)} of {len(found)} |"


def start():
    torch.set_num_threads(1)


def main(draws=200, replicates=60, *kinds):
    print(
        "| sample | error from | truth | fitted | corrected | s.d. | off / s.d. | width |"
        " coverage | no interval |"
    )
    print("|---" * 10 + "|")
    with ProcessPoolExecutor(2, initializer=start) as pool:
        for setting in [s for s in SETTINGS if not kinds or s.kind in kinds]:
            jobs = [pool.submit(one, setting, seed, replicates) for seed in range(draws)]
            alphas, found = zip(*(job.result() for job in jobs), strict=True)
            for name in ("model", "bootstrap") if setting.kind != "cv" else ("bootstrap",):
                each = [known.get(name) for known in found]
                print(row(setting, name, alphas, each, truth(setting)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
