"""Commands whose cost is measured as something grows, and why it should grow as it does."""

from dataclasses import dataclass

UNITS, COUNTS = (250, 500, 1000, 2000, 4000, 8000), (1000, 2000, 5000, 10_000, 20_000, 50_000)
SIDES, RADII, MEMBERS = (8, 16, 32, 64, 128, 224), (10, 30, 100, 300, 1000), (1, 2, 4, 8, 16)
WIDE = "train-sup --arch shlp --data x.npz --limit 2000 --epochs 1 --batch-size 500 --hidden N"
NET = "train-sup --arch shlp --data x.npz --limit 500 --epochs 1 --hidden"
SMALL = f"{NET} 100 -o net.safetensors"
OF_SIZE = "train-sup --arch shlp --hidden 50 --data sN.npz --epochs 1 -o net.safetensors"


@dataclass(frozen=True)
class Case:
    """A command whose size is N; `first` is run before, and not measured."""

    command: str
    axis: str
    sizes: tuple[int, ...]
    line: str
    expected: str
    first: str = ""


CASES = (
    Case(
        "train-kh",
        "units",
        UNITS,
        "train-kh --data x.npz --limit 2000 --epochs 1 --hidden N -o o.st",
        "1: a product of images and synapses",
    ),
    Case("train-sup", "units", UNITS, f"{WIDE} -o o.st", "1: products of images and weights"),
    Case(
        "train-sup, spectral",
        "units",
        UNITS[:5],
        f"{WIDE} --penalty spectral=1,tau=1,refresh=epoch -o o.st",
        "3: eigenvectors of units by units; 2 while products of batches with them prevail",
    ),
    Case(
        "spectrum",
        "units",
        UNITS,
        "spectrum net.safetensors --limit 2000 -o o.npz",
        "3 below 2,000 units; then 1 and a constant: a Gram matrix of 2,000 images",
        f"{NET} N -o net.safetensors",
    ),
    Case(
        "attack, PGD",
        "units",
        UNITS,
        "attack net.safetensors --limit 100 --eps 0.01 -o o.json",
        "1: gradients",
        f"{NET} N -o net.safetensors",
    ),
    Case(
        "certify",
        "units",
        UNITS,
        "certify net.safetensors --limit 20 -o o.npz",
        "3 below 3,072 units, of which directions are found once; then 1",
        f"{NET} N -o net.safetensors",
    ),
    Case(
        "train-sup",
        "images",
        COUNTS,
        "train-sup --arch shlp --hidden 100 --data x.npz --limit N --epochs 1 -o o.st",
        "1",
    ),
    Case(
        "train-kh",
        "images",
        COUNTS,
        "train-kh --hidden 100 --data x.npz --limit N --epochs 1 -o o.st",
        "1",
    ),
    Case(
        "spectrum of images",
        "images",
        COUNTS,
        "spectrum images --data x.npz --split train --limit N -o o.npz",
        "1: sums of 3,072 by 3,072; eigenvalues once",
    ),
    Case(
        "spectrum",
        "images",
        COUNTS,
        "spectrum net.safetensors --split train --limit N -o o.npz",
        "1",
        SMALL,
    ),
    Case(
        "crit-dist, FGSM",
        "images",
        COUNTS,
        "crit-dist net.safetensors --split train --limit N --method fgsm -o o.npz",
        "1",
        SMALL,
    ),
    Case(
        "smoothness",
        "images",
        COUNTS[:4],
        "smoothness net.safetensors --split train --limit N -o o.json",
        "1",
        SMALL,
    ),
    Case(
        "dimension",
        "images",
        COUNTS[:5],
        "dimension images --data x.npz --split train --limit N -o o.json",
        "2: distances of all pairs",
    ),
    Case(
        "spectrum of images",
        "pixels",
        SIDES,
        "spectrum images --data sN.npz -o o.npz",
        "1 (2 in the side): a Gram matrix of 300 images",
    ),
    Case("train-sup", "pixels", SIDES, OF_SIZE.replace("net.safetensors", "o.st"), "1"),
    Case(
        "train-kh", "pixels", SIDES, "train-kh --hidden 50 --data sN.npz --epochs 1 -o o.st", "1"
    ),
    Case(
        "attack, PGD",
        "pixels",
        SIDES,
        "attack net.safetensors --eps 0.01 --limit 100 -o o.json",
        "1",
        OF_SIZE,
    ),
    Case(
        "attack, FGSM",
        "radii",
        RADII,
        "attack net.safetensors --method fgsm --eps log:1e-4:1:N --limit 1000 -o o.json",
        "1: labels at every radius; the gradient is computed once",
        SMALL,
    ),
    Case(
        "attack, PGD",
        "radii",
        RADII,
        "attack net.safetensors --eps log:1e-4:1:N --limit 100 -o o.json",
        "1 at most: what is fooled is not attacked at larger radii",
        SMALL,
    ),
    Case(
        "train-sup",
        "members",
        MEMBERS,
        "train-sup --arch shlp --hidden 100 --data x.npz --limit 5000 --epochs 3 --seeds N"
        " -o o{seed}.st",
        "1, the images are read once",
    ),
)
