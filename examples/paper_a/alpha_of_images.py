"""What A's exponent for images owes to round-off, and what to JPEG.

    python alpha_of_images.py LAYER.safetensors cifar10.npz FOLDER

Round-off: the spectrum of one layer from sums in float64, and as A's code found it, from sums in
float32 and the eigenvalues of a matrix that nobody said is symmetric. JPEG: images whose spectrum
is known (1/f fields), and the images of the data set, each as they are and compressed once more
at the quality of the JPEG copy (75, chroma halved), which is written to FOLDER. The data set
holds RGB images of 32 x 32 pixels, (B, 32, 32, 3), 0 to 255.
"""

import io
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from specrob.artifacts.streams import read
from specrob.experiments.loading import load_model
from specrob.measures.bias_correction import Sample
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import fit_power_law, numerical_rank
from specrob.measures.uncertainty import estimate_uncertainty
from specrob.models.layers import layer_function
from specrob.settings.images import ImageSettings

IMAGES, SIDE = 10_000, 32
RANGES = ((10, 200), (10, 500), (10, 800))


def fields(count, seed=0):
    """Return 1/f fields as RGB images, (count, 32, 32, 3): the power falls as 1/frequency^2."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    frequency[0, 0] = 1 / SIDE
    noise = np.fft.rfft2(rng.normal(size=(count, 3, SIDE, SIDE)))
    maps = np.fft.irfft2(noise / frequency, s=(SIDE, SIDE))
    maps /= maps.std()
    light, blue, red = 0.22 * maps[:, 0], 0.05 * maps[:, 1], 0.05 * maps[:, 2]  # about CIFAR-10's
    rgb = np.stack([light + 1.402 * red, light - 0.344 * blue - 0.714 * red, light + 1.772 * blue])
    return (255 * (0.5 + rgb).clip(0, 1)).round().astype(np.uint8).transpose(1, 2, 3, 0)


def compress(images):
    """Return images after JPEG at quality 75 with halved chroma."""
    out = []
    for image in images:
        data = io.BytesIO()
        Image.fromarray(image).save(data, "JPEG", quality=75, subsampling="4:2:0")
        out.append(np.asarray(Image.open(data)))
    return np.stack(out)


def save(path, images):
    """Write images as a data set whose first ten are also its training set."""
    labels = np.zeros(len(images), np.int64)
    data = {"x_train": images[:10], "y_train": labels[:10], "x_test": images, "y_test": labels}
    np.savez(path, **data, name=np.array(path.stem))


@torch.no_grad()
def activations(layer, data):
    """Return a layer's activations h, (B, N), of the first test images, and the pixels."""
    settings = ImageSettings(data=str(data), limit=IMAGES)
    loaded = load_model(read(layer), settings, device=torch.device("cpu"))
    images, hidden = loaded.images.pixels, layer_function(loaded.network.module, "hidden")
    return torch.cat([hidden(part) for part in images.split(1000)]), images.flatten(1)


def spectrum(x):
    """Return the eigenvalues of the covariance from sums in float64."""
    sums = Covariance(len(x))
    for part in x.split(1000):
        sums.add_(part)
    return sums.eigenvalues().numpy()


def spectrum_of_a(x):
    """Return them as A's code does: sums in float32, `eigvals`, sorted by their real parts."""
    centred = x - x.mean(0)
    found = torch.linalg.eigvals(centred.T @ centred / len(x)).real
    return np.sort(found.double().numpy())[::-1].copy()


def say(name, eigenvalues, images=IMAGES):
    """Print the exponents over some ranges, and how much the local exponent changes over each."""
    cells = []
    for first, last in RANGES:
        if numerical_rank(eigenvalues) >= last:
            law = fit_power_law(eigenvalues, first=first, last=last)
            bend = estimate_uncertainty(eigenvalues, law, Sample(images)).bend
            cells.append(f"{law.alpha:.3f} (bend {bend:+.2f})")
        else:
            cells.append("none: round-off")
    print(f"| {name} | {' | '.join(cells)} | {numerical_rank(eigenvalues)} |", flush=True)


def main(layer, data, folder):
    """Print the table."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    print("| spectrum | " + " | ".join(f"{a}..{b}" for a, b in RANGES) + " | ranks |")
    print("|---|---|---|---|---|")
    latent, pixels = activations(layer, data)
    say("layer, float64", spectrum(latent))
    say("layer, float32 and eigvals", spectrum_of_a(latent))
    say("pixels, float64", spectrum(pixels))
    say("pixels, float32 and eigvals", spectrum_of_a(pixels))
    with np.load(data) as file:
        sets = {"1/f": fields(IMAGES), "data": file["x_test"][:IMAGES]}
    for name, images in sets.items():
        made = {"as it is": images, "compressed": compress(images)}
        for state, each in made.items():
            path = folder / f"{name.replace('/', '')}-{state.split()[0]}.npz"
            save(path, each)
            latent, pixels = activations(layer, path)
            say(f"{name}, {state}: layer", spectrum(latent))
            say(f"{name}, {state}: pixels", spectrum(pixels))


if __name__ == "__main__":
    main(*sys.argv[1:])
