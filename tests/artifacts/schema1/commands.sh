#!/usr/bin/env bash
# How the samples of this folder were made, with specrob 0.2.0 (those of 0.1/ with 0.1.0): in an
# empty folder, `bash commands.sh`. They are kept as they are; a newer version makes others.
set -euo pipefail
export OMP_NUM_THREADS=1
python - <<'PYTHON'
import numpy as np
draws = np.random.default_rng(0)
signal = draws.normal(size=(30, 16)) * np.arange(1, 17) ** -0.6
np.savez("recordings.npz", x=(signal + 0.3 * draws.normal(size=(2, 30, 16))).astype(np.float32))
np.savez("responses.npz", x=signal.astype(np.float32))
open("networks.py", "w").write(
    "from torch import nn\n\n\ndef small():\n"
    "    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))\n"
)
PYTHON

# models
specrob train-kh --hidden 16 --epochs 5 -o layer.safetensors
specrob train-kh --hidden 8 --epochs 2 --limit 200 --attempts 2 -o attempts.safetensors
specrob prune layer.safetensors --threshold 0.9 --drop -o dropped.safetensors
specrob train-sup layer.safetensors --epochs 40 --lr 0.01 -o kh.safetensors
specrob train-sup layer.safetensors --epochs 30 --lr 0.01 --batch-norm --power 3 -o kh-norm.safetensors
specrob train-sup --arch shlp --hidden 16 --normalize l3 --epochs 30 --lr 0.01 -o bp.safetensors
specrob train-sup --arch shlp --hidden 12 --normalize standard --batch-norm --power 2 --epochs 10 --lr 0.01 -o standard.safetensors
specrob train-sup --arch mlp --hidden 12,9 --activation tanh --whiten blocks.0 --epochs 10 --lr 0.01 -o whitened.safetensors
specrob train-sup --arch mlp --hidden 12,9 --batch-norm --normalize l3 --epochs 3 --penalty spectral=0.1,tau=2 --penalty jacobian=1e-3,of=logits --seeds 1,2 -o 'mlp-{seed}.safetensors'
specrob train-sup --arch linear --resize 6 --epochs 5 --lr 0.01 --adversarial fgsm,eps=0.02 -o resized.safetensors
specrob train-sup --arch networks:small --epochs 10 --lr 0.01 -o factory.safetensors
python - <<'PYTHON'
import torch
from safetensors.numpy import load_file, save_file
weights = load_file("bp.safetensors")
save_file(weights, "raw.safetensors")
torch.save({name: torch.from_numpy(array) for name, array in weights.items()}, "net.pt")
PYTHON
specrob import net.pt --arch shlp --shape 1x8x8 --normalize l3 -o imported.safetensors
rm net.pt networks.py

# states of runs
keep="--checkpoint-every 0 --checkpoint"
specrob train-kh --hidden 8 --epochs 3 --limit 200 --attempts 2 $keep kept.kh.safetensors -o whole.kh.safetensors
specrob train-sup --arch mlp --hidden 8 --batch-norm --epochs 2 --limit 200 --penalty spectral=0.1,tau=2,refresh=3 $keep kept.sup.safetensors -o whole.sup.safetensors
specrob crit-dist bp.safetensors --method fgsm --limit 30 --batch-size 10 $keep kept.dist.safetensors -o whole.dist.npz
specrob attack bp.safetensors --method fgsm --eps 0,0.05 --limit 30 --batch-size 10 $keep kept.attack.safetensors -o whole.attack.json

# spectra and exponents
specrob spectrum kh.safetensors --noise --limit 100 -o kh.spectrum.npz
specrob spectrum bp.safetensors --noise --layer hidden --layer latent --sizes 12,16 --limit 60 -o layers.spectrum.npz
specrob spectrum bp.safetensors --bootstrap 20 --limit 100 -o bootstrap.spectrum.npz
specrob spectrum images --transform pca:20 --limit 100 -o images.spectrum.npz
specrob spectrum --arch mlp,hidden=14 --weights initial --seed 3 --limit 60 -o initial.spectrum.npz
specrob spectrum responses.npz -o responses.spectrum.npz
specrob spectrum recordings.npz --cv -o cv.spectrum.npz
specrob spectrum recordings.npz --cv --bootstrap 20 -o cv-bootstrap.spectrum.npz
specrob fit-alpha kh.spectrum.npz --range 2:14 --noise-range 3:14 -o kh.alpha.json
specrob fit-alpha bootstrap.spectrum.npz --range 2:14 --map -o bootstrap.alpha.json
specrob fit-alpha images.spectrum.npz --range 2:18 --weighting 1/n -o images.alpha.json
specrob fit-alpha cv-bootstrap.spectrum.npz --range 1:12 -o cv.alpha.json

# attacks and distances
specrob attack kh.safetensors --method fgsm --eps 0,0.02,0.1 --limit 60 -o kh.fgsm.json
specrob attack bp.safetensors --method fgsm --eps 0,0.02,0.1 --limit 60 -o bp.fgsm.json
specrob attack bp.safetensors --method minimal --eps log:1e-2:1:6 --limit 40 -o minimal.json
specrob attack bp.safetensors --eps 0,0.05 --steps 4 --random-start --restarts 2 --loss margin --levels 256 --limit 6 --save adversarial.npz -o adversarial.json
specrob crit-dist kh.safetensors --method minimal --steps 20 --limit 60 -o kh.minimal.npz
specrob crit-dist bp.safetensors --method minimal --steps 20 --limit 60 -o bp.minimal.npz
specrob crit-dist bp.safetensors --max-eps 0.02 --limit 40 --only kh.minimal.npz -o censored.npz

# what is near an image, and how smooth a network is
specrob landscape kh.safetensors --points 8 -o kh.landscape.npz
specrob sensitivity kh.safetensors --ranks 1,5 --index 0,3 -o sensitivity.npz
specrob smoothness kh.safetensors --limit 30 --layer latent -o kh.smoothness.json
specrob smoothness bp.safetensors --limit 30 --layer latent --layer logits -o bp.smoothness.json
