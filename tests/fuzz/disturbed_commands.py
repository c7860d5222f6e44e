"""The commands that are disturbed, and how their outputs are named."""

MADE = """
train-kh --hidden 30 --epochs 3 -q -o kh.safetensors
train-sup --arch shlp --hidden 20 --epochs 5 -q -o bp.safetensors
train-sup --arch mlp --hidden 15,15 --epochs 5 --batch-norm -q -o mlp.safetensors
spectrum images --bootstrap 5 -q -o spectrum.npz
"""
MLP = "train-sup --arch mlp --hidden"
SPECTRAL = "--penalty spectral=0.1,tau=2,refresh=7 --penalty jacobian=1e-3,of=logits"
FEW = "--limit 150 --batch-size 7"
RESUMED = {  # what has a checkpoint
    "train-kh": "train-kh --hidden 30 --epochs 60 --patience 40",
    "train-kh, attempts": "train-kh --hidden 12 --epochs 20 --attempts 3 --delta 0.2",
    "train-kh, bfloat16": "train-kh --hidden 30 --epochs 30 --precision bfloat16",
    "train-sup, penalties": f"{MLP} 20,20 --epochs 20 --batch-norm {SPECTRAL}",
    "train-sup, read-out": "train-sup kh.safetensors --epochs 40",
    "train-sup, attacked": f"{MLP} 15 --epochs 12 --adversarial pgd,eps=0.05,steps=2",
    "attack": f"attack mlp.safetensors {FEW} --eps 0,0.05,0.1 --norm linf",
    "crit-dist": f"crit-dist bp.safetensors {FEW} --method minimal",
    "crit-dist, worst": "crit-dist bp.safetensors --limit 20 --batch-size 5 --method worst",
    "certify": f"certify bp.safetensors {FEW}",
    "smoothness": f"smoothness mlp.safetensors {FEW}",
    "invert": "invert bp.safetensors --limit 40 --batch-size 5 --steps 60",
}
SHARED = {  # two processes by torchrun
    "torchrun train-kh": "torchrun train-kh --hidden 30 --epochs 200 --batch-size 359",
    "torchrun train-sup": f"torchrun {MLP} 20,10 --epochs 40 {SPECTRAL}",
    "torchrun crit-dist": f"torchrun crit-dist bp.safetensors {FEW} --method minimal",
}
REPEATED = {  # what is begun anew
    "spectrum": "spectrum mlp.safetensors --noise --bootstrap 200",
    "fit-alpha": "fit-alpha spectrum.npz --map",
    "landscape": "landscape bp.safetensors --points 40",
    "sensitivity": "sensitivity mlp.safetensors --ranks 1,3,5",
    "dimension": "dimension mlp.safetensors --layer input",
    "respectrum": "respectrum bp.safetensors --alpha 1",
    "prune": "prune kh.safetensors --threshold 0.9",
    "plot": "plot spectrum.npz",
    "report": "report folder",
}
SUFFIXES = {"train": "safetensors", "prune": "safetensors", "respectrum": "safetensors"}
SUFFIXES |= {"attack": "json", "fit-alpha": "json", "smoothness": "json", "dimension": "json"}
SUFFIXES |= {"plot": "png", "report": "html"}


def suffix(line: str) -> str:
    """Return how the output of a command is named."""
    word = line.removeprefix("torchrun ").split()[0]
    word = "train" if word.startswith("train") else word
    return SUFFIXES.get(word, "npz")
