"""Digests of everything that the commands compute, to compare two versions of the program.

Run as ``python tests/benchmarks/digests.py FOLDER --output digests.txt`` before and after a
change, each into a new folder, then ``python tests/benchmarks/digests.py compare A.txt B.txt``.
The program that is measured is ``python -m specrob`` of the interpreter that runs this script;
nothing of it is imported, so that modules may move. Numbers are comparable on one machine only.

One line stands for one array, number or fact, with tabs between the columns::

    case  file  name  class  shape  value  sum

``class`` is the dtype of an array, or one of

- ``number``: a number or list of numbers beside the arrays; like arrays they must not change;
- ``meta``: a fact in words, or an option of a model;
- ``figure``: the decoded pixels of a PNG, which change with any reworded text;
- ``reported``: a cell of a Markdown report, or a line of ``info``;
- ``text``: the exit code of a command.

Free text (reasons, warnings) is left out, as is the history of an artifact. A file whose only
purpose is to be resumed from after a kill (``killed`` below) is left out too, since it depends on
the moment of the kill.
"""

import argparse
import hashlib
import json
import math
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

# One case a line: its name, a colon, a command; indented lines continue the one above. Outputs
# are what follows -o, --save, --checkpoint and crit-dist's --curve; a case begins when those
# whose outputs it names are done. Words before a command:
#   fails N      the exit code shall be N
#   torchrun     two processes
#   killed       killed as soon as it has written a checkpoint
#   strip A B    writes the tensors of A to B without metadata (a file of raw weights)
#   pickle A B   writes the tensors of A to B as torch.save does
LOCAL_LEARNING = """
kh: train-kh --hidden 40 --epochs 20 -o kh.safetensors
kh-parameters: train-kh --hidden 25 --epochs 8 --p 2.5 --radius 0.8 --lr 0.05 --init-std 0.5
    --delta 0.3 --normalize l2 -o kh-parameters.safetensors
kh-bfloat16: train-kh --hidden 30 --epochs 6 --precision bfloat16 --k 3 --batch-size 200
    -o kh-bfloat16.safetensors
kh-patience: train-kh --hidden 15 --epochs 60 --patience 3 --limit 300 -o kh-patience.safetensors
kh-attempts: train-kh --hidden 12 --epochs 40 --attempts 3 --limit 300 --delta 0.2
    -o kh-attempts.safetensors
kh-resized: train-kh --hidden 10 --epochs 3 --normalize none --resize 6 -o kh-resized.safetensors
kh-colour: train-kh --hidden 12 --epochs 4 --data colour.npz -o kh-colour.safetensors
kh-untrained: train-kh --hidden 10 --epochs 0 --seed 7 -o kh-untrained.safetensors
kh-members: train-kh --hidden 10 --epochs 3 --limit 300 --seeds 1,2 -o kh-{seed}.safetensors
kh-checkpoint: train-kh --hidden 12 --epochs 3 --limit 300 --attempts 2 --checkpoint-every 0
    --checkpoint kept-kh.safetensors -o kh-kept.safetensors
kh-again: train-kh --hidden 12 --epochs 3 --limit 300 --attempts 2
    --resume kept-kh.safetensors -o kh-again.safetensors
kh-whole: train-kh --hidden 30 --epochs 60 --patience 40 -o kh-whole.safetensors
kh-killed: killed train-kh --hidden 30 --epochs 60 --patience 40 --checkpoint-every 0
    --checkpoint killed-kh.safetensors
kh-resumed: train-kh --hidden 30 --epochs 60 --patience 40 --resume killed-kh.safetensors
    -o kh-resumed.safetensors
kh-shared: torchrun train-kh --hidden 30 --epochs 4 --batch-size 359 -o kh-shared.safetensors
prune-auto: prune kh.safetensors -o pruned-auto.safetensors
prune-threshold: prune kh.safetensors --threshold 0.9 -o pruned.safetensors
prune-drop: prune kh.safetensors --threshold 0.9 --drop -o pruned-drop.safetensors
"""

# hybrids: read-outs above local layers
READOUTS = """
hybrid: train-sup kh.safetensors --epochs 40 -o hybrid.safetensors
hybrid-norm: train-sup kh.safetensors --epochs 5 --batch-norm --power 3
    --penalty jacobian=1e-3,of=logits --penalty l2=1e-3 -o hybrid-norm.safetensors
hybrid-dropped: train-sup pruned-drop.safetensors --epochs 5 --lr 0.01 --schedule cosine
    -o hybrid-dropped.safetensors
hybrid-adversarial: train-sup kh.safetensors --epochs 3 --adversarial fgsm,eps=0.05
    -o hybrid-adversarial.safetensors
hybrid-members: train-sup kh.safetensors --epochs 5 --seeds 1,2 -o hybrid-{seed}.safetensors
"""

# end to end: architectures, schedules, normalization, sources of images
NETWORKS = """
shlp: train-sup --arch shlp --hidden 30 --epochs 35 -o shlp.safetensors
shlp-l3: train-sup --arch shlp --hidden 30 --epochs 20 --normalize l3 -o bp.safetensors
shlp-norm: train-sup --arch shlp --hidden 20 --epochs 5 --normalize standard --batch-norm
    --power 2 -o shlp-norm.safetensors
shlp-raw-pixels: train-sup --arch shlp --hidden 10 --epochs 2 --normalize none --limit 300
    --batch-size 64 -o shlp-pixels.safetensors
mlp: train-sup --arch mlp --hidden 20,15 --epochs 10 --activation tanh -o mlp.safetensors
mlp-sigmoid: train-sup --arch mlp --hidden 20 --epochs 5 --activation sigmoid --batch-norm
    --lr 0.01 --schedule cosine --normalize l2 -o mlp-sigmoid.safetensors
mlp-exponential: train-sup --arch mlp --hidden 20 --epochs 5 --schedule exponential
    -o mlp-exponential.safetensors
mlp-late: train-sup --arch mlp --hidden 12 --epochs 95 --schedule paper-a-spectral --limit 100
    -o mlp-late.safetensors
mlp-options: train-sup --arch mlp,hidden=9,activation=tanh,batch_norm=true --epochs 2
    --limit 300 -o mlp-options.safetensors
mlp-members: train-sup --arch mlp --hidden 15 --epochs 6 --normalize l3 --seeds 1,2
    -o mlp-{seed}.safetensors
mlp-continued: train-sup mlp.safetensors --epochs 3 --seed 4 -o mlp-continued.safetensors
mlp-resized: train-sup --arch mlp --hidden 10 --epochs 2 --resize 12 --limit 300
    -o mlp-resized.safetensors
mlp-whitened: train-sup --arch mlp --hidden 20,15 --whiten blocks.0 --epochs 5
    -o mlp-whitened.safetensors
mlp-white-standard: train-sup --arch mlp --hidden 15 --whiten latent --normalize standard
    --epochs 4 --adversarial pgd,eps=0.05,steps=2 -o mlp-white.safetensors
linear: train-sup --arch linear --epochs 5 --data colour.npz --normalize standard
    -o linear.safetensors
linear-folder: train-sup --arch linear --epochs 3 --data pictures --resize 9
    -o linear-folder.safetensors
cnn-b: train-sup --arch cnn-b --epochs 2 --resize 28 --limit 100 -o cnn-b.safetensors
cnn-b-white: train-sup --arch cnn-b --epochs 2 --data colour.npz --limit 40 --resize 12
    --activation relu --whiten blocks.0 -o cnn-b-white.safetensors
cnn-d: train-sup --arch cnn-d --epochs 2 --data colour.npz -o cnn-d.safetensors
resnet: train-sup --arch torchvision:resnet18 --epochs 1 --data colour.npz --limit 24
    --batch-size 8 -o resnet.safetensors
factory: train-sup --arch networks:dropout,width=12 --epochs 4 -o factory.safetensors
factory-conv: train-sup --arch networks:convolutional --epochs 2 --limit 200
    --adversarial pgd,eps=0.3,steps=2,norm=l2 -o factory-conv.safetensors
raw-linear: strip linear-folder.safetensors raw-linear.safetensors
raw-mlp: strip mlp.safetensors raw-mlp.safetensors
raw-factory: strip factory.safetensors raw-factory.safetensors
raw-resnet: strip resnet.safetensors raw-resnet.safetensors
raw-continued: train-sup raw-mlp.safetensors --arch mlp,activation=tanh --epochs 2 --limit 200
    -o raw-continued.safetensors
pickled: pickle mlp.safetensors net.pt
import-data: import net.pt --arch mlp,activation=tanh --data digits -o imported.safetensors
import-shape: import net.pt --arch mlp,activation=tanh --shape 1x8x8 --normalize l2
    -o imported-shape.safetensors
sup-checkpoint: train-sup --arch mlp --hidden 12,10 --epochs 3 --batch-norm --limit 300
    --penalty spectral=0.1,tau=2,refresh=4 --checkpoint-every 0
    --checkpoint kept-sup.safetensors -o sup-kept.safetensors
sup-again: train-sup --arch mlp --hidden 12,10 --epochs 3 --batch-norm --limit 300
    --penalty spectral=0.1,tau=2,refresh=4 --resume kept-sup.safetensors
    -o sup-again.safetensors
sup-whole: train-sup --arch mlp --hidden 20,20 --epochs 30 --batch-norm
    --penalty spectral=0.1,tau=2,refresh=7 --penalty jacobian=1e-3,of=logits
    -o sup-whole.safetensors
sup-killed: killed train-sup --arch mlp --hidden 20,20 --epochs 30 --batch-norm
    --penalty spectral=0.1,tau=2,refresh=7 --penalty jacobian=1e-3,of=logits
    --checkpoint-every 0 --checkpoint killed-sup.safetensors
sup-resumed: train-sup --arch mlp --hidden 20,20 --epochs 30 --batch-norm
    --penalty spectral=0.1,tau=2,refresh=7 --penalty jacobian=1e-3,of=logits
    --resume killed-sup.safetensors -o sup-resumed.safetensors
sup-shared: torchrun train-sup --arch mlp --hidden 20,10 --activation tanh --batch-norm
    --limit 700 --epochs 2 --penalty jacobian=0.01,of=logits
    --penalty covariance=0.1,over=batch --penalty spectral=0.1,tau=2
    -o sup-shared.safetensors
sup-shared-white: torchrun train-sup --arch mlp --hidden 20 --whiten latent --limit 300
    --batch-size 150 --epochs 2 --adversarial pgd,eps=0.05,steps=2
    --penalty spectral=0.1,tau=2,layers=hidden,refresh=epoch -o sup-shared-white.safetensors
"""

# (name, architecture, what is asked for beside it)
_TANH = "--arch mlp --hidden 20,15 --activation tanh"
_NORM = f"{_TANH} --batch-norm"
_SHLP = "--arch shlp --hidden 20"
TRAINED = [
    ("l2", _TANH, "--penalty l2=1e-3"),
    ("jacobian-hidden", _TANH, "--penalty jacobian=1e-2"),
    ("jacobian-logits", _NORM, "--penalty jacobian=0.01,of=logits"),
    ("jacobian-all", _TANH, "--penalty jacobian=0.01,of=logits,n_proj=all"),
    ("jacobian-half", _TANH, "--penalty jacobian=0.01,of=latent,half=true,n_proj=1"),
    ("jacobian-loss", _TANH, "--penalty jacobian=0.1,of=loss"),
    ("jacobian-loss-norm", _NORM, "--penalty jacobian=0.1,of=loss"),
    ("jacobian-latent", f"{_SHLP} --power 2", "--penalty jacobian=0.01,of=latent"),
    ("jacobian-latent-norm", f"{_SHLP} --batch-norm", "--penalty jacobian=0.01,of=latent"),
    ("jacobian-standard", f"{_SHLP} --normalize standard", "--penalty jacobian=0.001"),
    ("jacobian-sum", _NORM, "--penalty jacobian-sum=0.1"),
    ("spectral", _TANH, "--penalty spectral=0.5,tau=3"),
    ("spectral-epoch", _TANH, "--penalty spectral=0.5,tau=3,refresh=epoch"),
    ("spectral-steps", _NORM, "--penalty spectral=0.5,tau=3,refresh=4"),
    ("spectral-vectors", _TANH, "--penalty spectral=0.5,tau=3,refresh=epoch,order=vectors"),
    ("spectral-all", _TANH, "--penalty spectral=0.5,tau=3,layers=all,alpha=1.5"),
    ("spectral-joined", _TANH, "--penalty spectral=0.5,tau=3,layers=hidden+latent"),
    ("spectral-wide", "--arch shlp --hidden 100", "--batch-size 50 --penalty spectral=0.1,tau=2"),
    ("spectral-white", f"{_TANH} --whiten blocks.0", "--penalty spectral=0.5,tau=3"),
    ("covariance", _TANH, "--penalty covariance=0.01"),
    ("covariance-batch", _TANH, "--penalty covariance=0.1,over=batch,layer=blocks.0"),
    ("several", _NORM, "--penalty spectral=0.1,tau=2 --penalty jacobian=1e-3 --penalty l2=1e-4"),
    ("adversarial-pgd", _TANH, "--adversarial pgd,eps=8/255,steps=3,step_size=0.4"),
    ("adversarial-l2", _NORM, "--adversarial pgd,eps=0.3,norm=l2,loss=margin,steps=2"),
    ("adversarial-fgsm", _TANH, "--adversarial fgsm,eps=0.05"),
    ("adversarial-fgsm-l2", _TANH, "--adversarial fgsm,eps=0.3,norm=l2 --penalty l2=1e-4"),
]
PENALTIES = "\n".join(
    f"{name}: train-sup {arch} --epochs 3 --limit 500 {how} -o {name}.safetensors"
    for name, arch, how in TRAINED
)

MEASURES = """
spectrum-images: spectrum images -o images.npz
spectrum-sizes: spectrum images --sizes 16,36,64 --normalize l3 -o images-sizes.npz
spectrum-gram: spectrum images --limit 40 --bootstrap 12 --batch-size 30 -o images-gram.npz
spectrum-noise-images: spectrum images --data noise:1x6x6 --limit 200 -o images-noise.npz
spectrum-folder: spectrum images --data pictures --resize 8 --split train -o images-folder.npz
spectrum-standard: spectrum images --data colour.npz --normalize standard -o images-standard.npz
spectrum: spectrum hybrid.safetensors --noise --split train -o kh.spectrum.npz
spectrum-bp: spectrum bp.safetensors --noise --split train -o bp.spectrum.npz
spectrum-layers: spectrum hybrid.safetensors --layer hidden --layer latent --layer input
    --sizes 25,40 --noise --noise-std 0.5 --noise-mean 0.2 -o layers.npz
spectrum-bootstrap: spectrum hybrid.safetensors --bootstrap 30 --seed 3 --limit 200
    -o bootstrap.npz
spectrum-kh: spectrum kh.safetensors -o layer.npz
spectrum-shlp-norm: spectrum shlp-norm.safetensors --noise --layer hidden --layer latent
    -o shlp-norm.npz
spectrum-white: spectrum mlp-whitened.safetensors --layer blocks.0 --layer penultimate
    -o white.npz
spectrum-cnn: spectrum cnn-b.safetensors --layer blocks.0 --layer penultimate --limit 60
    -o cnn-b.npz
spectrum-other-norm: spectrum images --normalize l4 --data digits --limit 100 -o l4.npz
spectrum-pca: spectrum hybrid.safetensors --transform pca:20 --split train -o pca.npz
spectrum-zca: spectrum images --transform zca -o zca.npz
spectrum-zca-eps: spectrum mlp.safetensors --transform zca:0.01 -o zca-eps.npz
spectrum-noisy: spectrum mlp.safetensors --transform noise:0.1 --seed 5 -o noisy.npz
spectrum-pca-noise: spectrum hybrid.safetensors --transform pca:8 --transform noise:0.1
    -o pca-noise.npz
spectrum-noise-pca: spectrum images --transform noise:0.2 --transform zca:0.1
    --transform pca:20 -o noise-pca.npz
spectrum-activations: spectrum x.npz --bootstrap 12 -o activations.npz
spectrum-cv: spectrum x2.npz --cv -o cv.npz
spectrum-cv-bootstrap: spectrum x2.npz --cv --bootstrap 40 -o cv-bootstrap.npz
spectrum-raw: spectrum raw-linear.safetensors --arch linear --data pictures --resize 9
    --layer logits -o raw-linear.npz
spectrum-raw-mlp: spectrum raw-mlp.safetensors --arch mlp,activation=tanh -o raw-mlp.npz
spectrum-weights-file: spectrum --weights raw-mlp.safetensors --arch mlp,activation=tanh
    --normalize l2 -o weights-file.npz
spectrum-factory: spectrum factory.safetensors --arch networks:dropout -o factory.npz
spectrum-initial: spectrum --arch mlp,hidden=20 --weights initial --seed 3 --noise
    -o initial.npz
spectrum-initial-kh: spectrum --arch kh,hidden=20 --weights initial --normalize l3
    -o initial-kh.npz
spectrum-initial-hybrid: spectrum --arch hybrid,hidden=20,batch_norm=true --weights initial
    -o initial-hybrid.npz
spectrum-initial-factory: spectrum --arch networks:dropout --weights initial --seed 2
    -o initial-factory.npz
spectrum-initial-resnet: spectrum --arch torchvision:resnet18 --weights initial
    --data colour.npz --limit 12 --resize 24 -o initial-resnet.npz
spectrum-raw-resnet: spectrum raw-resnet.safetensors --arch torchvision:resnet18
    --data colour.npz --limit 12 -o raw-resnet.npz
spectrum-imported: spectrum imported.safetensors -o imported.npz
spectrum-shared: torchrun spectrum hybrid.safetensors --noise --layer hidden --layer logits
    --batch-size 50 --bootstrap 10 -o shared.npz
alpha: fit-alpha kh.spectrum.npz --range 3:20 --noise-range 3:20 -o kh.alpha.json
alpha-bp: fit-alpha bp.spectrum.npz --range 3:20 --noise-range 3:20 -o bp.alpha.json
alpha-default: fit-alpha images.npz -o images.alpha.json
alpha-map: fit-alpha bootstrap.npz --map --range 3:15 -o map.alpha.json
alpha-weighted: fit-alpha images-sizes.npz --weighting 1/n --range 2:14 --dimension 8
    -o weighted.alpha.json
alpha-layers: fit-alpha layers.npz --range 1:11 --noise-range 2:12 -o layers.alpha.json
alpha-pca: fit-alpha pca.npz --range 1:12 -o pca.alpha.json
alpha-gram: fit-alpha images-gram.npz -o gram.alpha.json
alpha-cv: fit-alpha cv-bootstrap.npz --range 2:14 -o cv.alpha.json
alpha-cv-plain: fit-alpha cv.npz --range 2:14 -o cv-plain.alpha.json
alpha-activations: fit-alpha activations.npz --range 2:14 --map -o activations.alpha.json
alpha-noise: fit-alpha images-noise.npz --range 2:20 -o noise.alpha.json
sensitivity: sensitivity hybrid.safetensors --ranks 1,3,10 -o sensitivity.npz
sensitivity-images: sensitivity mlp.safetensors --ranks 2 --layer hidden --index 5,0
    --transform pca:20 --limit 100 -o sensitivity-pca.npz
sensitivity-standard: sensitivity shlp-norm.safetensors --ranks 1,4 --limit 60 --index 1
    -o sensitivity-standard.npz
sensitivity-cnn: sensitivity cnn-d.safetensors --ranks 1,2 --index 0 -o sensitivity-cnn.npz
smoothness: smoothness hybrid.safetensors --limit 40 --layer latent --layer hidden
    --layer logits -o kh.smoothness.json
smoothness-latent: smoothness hybrid.safetensors --limit 40 -o latent.smoothness.json
smoothness-bp: smoothness bp.safetensors --limit 40 -o bp.smoothness.json
smoothness-norm: smoothness shlp-norm.safetensors --limit 20 -o norm.smoothness.json
smoothness-mlp: smoothness mlp-white.safetensors --limit 20 --layer hidden --layer logits
    -o mlp.smoothness.json
smoothness-cnn: smoothness cnn-d.safetensors --limit 6 -o cnn.smoothness.json
landscape: landscape hybrid.safetensors --points 8 -o kh.landscape.npz
landscape-bp: landscape bp.safetensors --points 8 --only kh.minimal.npz -o bp.landscape.npz
landscape-logits: landscape mlp.safetensors --points 6 --of logits --index 3 --span 2 --seed 2
    -o logits.landscape.npz
landscape-cnn: landscape cnn-d.safetensors --points 4 -o cnn.landscape.npz
landscape-norm: landscape shlp-norm.safetensors --points 6 --of hidden -o norm.landscape.npz
"""

ATTACKS = """
pgd: attack hybrid.safetensors --eps 0,0.02,0.05,0.1 --limit 100 -o kh.pgd.json
pgd-bp: attack bp.safetensors --eps 0,0.02,0.05,0.1 --limit 100 -o bp.pgd.json
pgd-l2: attack mlp.safetensors --norm l2 --eps 0,0.2,1 --limit 80 --batch-size 33
    --save pgd-l2.npz -o pgd-l2.json
pgd-starts: attack mlp.safetensors --eps 0,0.05,0.1 --random-start --restarts 2 --loss margin
    --limit 80 --seed 2 --save pgd-starts.npz -o pgd-starts.json
pgd-free: attack mlp.safetensors --eps 0.05,0.1 --no-project --step raw --step-size 0.1abs
    --steps 4 --limit 60 --save pgd-free.npz -o pgd-free.json
pgd-unit: attack mlp.safetensors --eps 0.1 --step unit --step-size 0.5 --steps 5 --limit 60
    --bounds none --save pgd-unit.npz -o pgd-unit.json
pgd-sign: attack mlp.safetensors --norm l2 --eps 0.5 --step sign --limit 60 --bounds -0.2:1.1
    --save pgd-sign.npz -o pgd-sign.json
pgd-levels: attack shlp.safetensors --eps 0,8/255,16/255 --levels 256 --limit 60
    --save pgd-levels.npz -o pgd-levels.json
pgd-bfloat16: attack hybrid.safetensors --eps 0.05 --precision bfloat16 --limit 60
    --save pgd-bfloat16.npz -o pgd-bfloat16.json
pgd-monotone: attack mlp.safetensors --eps log:1e-3:0.3:30 --curve monotone --limit 60
    -o pgd-monotone.json
pgd-standard: attack shlp-norm.safetensors --eps 0.05 --limit 60 --save pgd-standard.npz
    -o pgd-standard.json
pgd-white: attack mlp-whitened.safetensors --eps 0.05 --limit 60 --save pgd-white.npz
    -o pgd-white.json
pgd-cnn: attack cnn-d.safetensors --eps 0.02 --limit 20 --save pgd-cnn.npz -o pgd-cnn.json
pgd-resnet: attack raw-resnet.safetensors --arch torchvision:resnet18 --data colour.npz
    --eps 0.01,0.1 --limit 8 --steps 3 -o pgd-resnet.json
fgsm: attack hybrid.safetensors --method fgsm --eps 0,0.05,0.2 --limit 100
    --save kh.fgsm.npz -o kh.fgsm.json
fgsm-l2: attack mlp.safetensors --method fgsm --norm l2 --eps 0.5 --limit 60 --loss margin
    --save fgsm-l2.npz -o fgsm-l2.json
random: attack mlp.safetensors --method random --eps 0,1,3 --limit 60 --save random.npz
    -o random.json
random-linf: attack mlp.safetensors --method random --norm linf --eps 0.3 --bounds none
    --limit 60 --save random-linf.npz -o random-linf.json
noise: attack mlp.safetensors --method noise --eps 0,0.2,0.5 --limit 60 --save noise.npz
    -o noise.json
minimal: attack mlp.safetensors --method minimal --eps log:1e-2:1:6 --limit 40 --steps 20
    -o minimal.json
attack-checkpoint: attack mlp.safetensors --eps 0,0.1 --limit 60 --batch-size 13
    --checkpoint-every 0 --checkpoint kept-attack.safetensors -o attack-kept.json
attack-again: attack mlp.safetensors --eps 0,0.1 --limit 60 --batch-size 13
    --resume kept-attack.safetensors -o attack-again.json
dist-minimal: crit-dist hybrid.safetensors --method minimal --limit 80 -o kh.minimal.npz
dist-minimal-bp: crit-dist bp.safetensors --method minimal --limit 80 -o bp.minimal.npz
dist-minimal-linf: crit-dist bp.safetensors --method minimal --norm linf --limit 60 --steps 20
    -o linf.minimal.npz
dist-only: crit-dist bp.safetensors --method minimal --only kh.minimal.npz --limit 80
    -o only.minimal.npz
dist-only-back: crit-dist hybrid.safetensors --method minimal --only only.minimal.npz --limit 80
    -o back.minimal.npz
pgd-only: attack mlp.safetensors --eps 0,0.1 --only kh.minimal.npz --limit 80
    --save pgd-only.npz -o pgd-only.json
dist-pgd: crit-dist hybrid.safetensors --limit 60 -o kh.pgd.npz
dist-pgd-bp: crit-dist bp.safetensors --limit 60 -o bp.pgd.npz
dist-pgd-l2: crit-dist mlp.safetensors --norm l2 --limit 60 --tolerance 0.05 --max-eps 0.8
    --curve curve.json --eps log:1e-2:0.8:10 -o pgd-l2-distances.npz
dist-starts: crit-dist mlp.safetensors --random-start --restarts 2 --loss margin --limit 40
    --batch-size 17 -o starts.npz
dist-fgsm: crit-dist mlp.safetensors --method fgsm --limit 60 -o fgsm-distances.npz
dist-random: crit-dist mlp.safetensors --method random --bounds none --limit 60 -o kh.random.npz
dist-bounded: crit-dist mlp.safetensors --method minimal --bounds -0.5:1.5 --limit 40
    -o bounded.npz
dist-bfloat16: crit-dist mlp.safetensors --limit 40 --precision bfloat16 -o bfloat16.npz
dist-cnn: crit-dist cnn-b.safetensors --method minimal --limit 20 --steps 20 -o cnn-distances.npz
dist-factory: crit-dist factory-conv.safetensors --arch networks:convolutional --method fgsm
    --limit 40 -o factory-distances.npz
dist-resized: crit-dist mlp-resized.safetensors --limit 40 -o resized-distances.npz
dist-whole: crit-dist shlp.safetensors --batch-size 7 --limit 150 -o dist-whole.npz
dist-killed: killed crit-dist shlp.safetensors --batch-size 7 --limit 150 --checkpoint-every 0
    --checkpoint killed-dist.safetensors
dist-resumed: crit-dist shlp.safetensors --batch-size 7 --limit 150
    --resume killed-dist.safetensors -o dist-resumed.npz
dist-shared: torchrun crit-dist shlp.safetensors --limit 100 --batch-size 30 -o dist-shared.npz
"""

FIGURES = """
plot-weights: plot kh.safetensors -o weights.png
plot-history: plot shlp.safetensors --part history -o history.png
plot-history-spectral: plot spectral-epoch.safetensors -o history-spectral.png
plot-variances: plot pruned.safetensors --part variances -o variances.png
plot-colour: plot kh-colour.safetensors --part weights -o colour.png
plot-members: plot mlp-{seed}.safetensors -o members.png
plot-spectrum: plot kh.spectrum.npz bp.spectrum.npz --label local --label plain -o spectra.png
plot-fitted: plot kh.spectrum.npz kh.alpha.json -o fitted.png
plot-unnormalized: plot layers.npz --part eigenvalues -o eigenvalues.png
plot-noise: plot layers.npz --part noise -o noise.png
plot-alpha: plot kh.alpha.json bp.alpha.json -o alpha.png
plot-map: plot map.alpha.json --part map -o map.png
plot-robustness: plot kh.pgd.json bp.pgd.json -o robustness.png
plot-robust: plot kh.pgd.json bp.pgd.json --part robust_accuracy -o robust.png
plot-mixed: plot kh.pgd.json pgd-l2.json --mixed -o mixed.png
plot-distances: plot kh.pgd.npz bp.pgd.npz -o distances.png
plot-distances-l2: plot back.minimal.npz only.minimal.npz --part distance_l2 -o distances-l2.png
plot-adversarial: plot kh.fgsm.npz -o adversarial.png
plot-landscape: plot kh.landscape.npz bp.landscape.npz -o landscape.png
plot-labels: plot logits.landscape.npz --part label -o labels.png
plot-sensitivity: plot sensitivity.npz -o sensitivity.png
plot-sensitivity-colour: plot sensitivity-cnn.npz -o sensitivity-colour.png
plot-relation: plot --relate accuracy,distance hybrid.safetensors bp.safetensors kh.pgd.npz
    bp.pgd.npz -o relation.png
plot-relation-alpha: plot --relate alpha,jacobian_norm kh.alpha.json bp.alpha.json
    latent.smoothness.json bp.smoothness.json -o relation-alpha.png
plot-layout: plot --layout figure.toml -o layout.png
plot-layout-root: plot --layout layouts/figure.toml --root . -o layout.svg
plot-pdf: plot kh.spectrum.npz -o spectrum.pdf
info: info kh.landscape.npz -o info.txt
info-json: info kh.alpha.json --json -o info-alpha.txt
info-model: info hybrid.safetensors --json -o info-hybrid.txt
info-distances: info kh.pgd.npz --json -o info-distances.txt
info-attack: info kh.pgd.json --json -o info-attack.txt
info-spectrum: info layers.npz --json -o info-spectrum.txt
info-smoothness: info kh.smoothness.json --json -o info-smoothness.txt
info-landscape: info kh.landscape.npz --json -o info-landscape.txt
info-raw: info x.npz --json -o info-raw.txt
fails-missing: fails 1 info nothing.npz
fails-kind: fails 1 fit-alpha kh.safetensors -o never.json
fails-option: fails 2 train-kh --hidden none -o never.safetensors
report: report results -o report.md
report-page: report results -o report.html
report-compare: report results --compare published.json -o compared.md
"""

# one minute or more and 1.7 GB: layers whose covariance does not fit into 1 GiB
LARGE = """
spectrum-randomized: spectrum images --data wide.npz -o randomized.npz
"""

SECTIONS = (LOCAL_LEARNING, READOUTS, NETWORKS, PENALTIES, ATTACKS, MEASURES, FIGURES)
# what shall be equal: a run and the same run, killed and resumed
EQUAL = [
    ("kh-kept.safetensors", "kh-again.safetensors"),
    ("kh-whole.safetensors", "kh-resumed.safetensors"),
    ("sup-kept.safetensors", "sup-again.safetensors"),
    ("sup-whole.safetensors", "sup-resumed.safetensors"),
    ("dist-whole.npz", "dist-resumed.npz"),
]
# copied to results/, which the reports are of
RESULTS = [
    *("hybrid.safetensors", "bp.safetensors", "mlp-1.safetensors", "mlp-2.safetensors"),
    *("hybrid-1.safetensors", "hybrid-2.safetensors", "kh.spectrum.npz", "bp.spectrum.npz"),
    *("kh.alpha.json", "bp.alpha.json", "images.npz", "images.alpha.json", "kh.pgd.json"),
    *("bp.pgd.json", "kh.pgd.npz", "bp.pgd.npz", "kh.minimal.npz", "kh.smoothness.json"),
    *("bp.smoothness.json", "kh.landscape.npz", "bp.landscape.npz", "kh.random.npz"),
    *("kh.fgsm.json", "map.alpha.json", "bootstrap.npz"),
]
LAYOUT = """
[networks]
kh = "local learning"
bp = "plain"

[[rows]]
panels = [
    { artifacts = ["{network}.pgd.npz"], part = "distance_l2" },
    { artifacts = ["{network}.alpha.json", "{network}.pgd.npz"], relate = ["alpha", "distance"] },
]

[[rows]]
panels = [
    { artifacts = ["hybrid.safetensors"], part = "weights", title = "first weights", width = 2 },
    { artifacts = ["kh.spectrum.npz", "kh.alpha.json"], title = "its spectrum", width = 5 },
]
"""
NETWORK_CODE = """
from torch import nn


def dropout(width=12):
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Dropout(0.3), nn.Linear(width, 10)
    )


def convolutional():
    below = nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()
    return nn.Sequential(*below, nn.Linear(144, 10))
"""
PICKLE = """
import sys, torch
from safetensors.torch import load_file
torch.save({"state_dict": load_file(sys.argv[1])}, sys.argv[2])
"""

ON_A_DEVICE = {
    *("train-kh", "train-sup", "import", "spectrum", "attack", "crit-dist", "landscape"),
    *("sensitivity", "smoothness"),
}
FREE_TEXT = re.compile(r"(reason|warnings?|notes?|text|message|title)$")
DESCRIBED = ("arch", "options", "shape", "classes", "normalize", "bounds", "training", "settings")
UNIMPORTANT = ("meta", "reported", "figure", "text")


class Case(NamedTuple):
    """One command of the tables."""

    name: str
    how: str  # "run", "torchrun", "killed", "strip" or "pickle"
    words: list[str]
    code: int = 0

    def writes(self) -> list[str]:
        """Return the files that the command names as its outputs."""
        if self.how in ("strip", "pickle"):
            return self.words[1:]
        flags = ["-o", "--save", "--checkpoint"]
        flags += ["--curve"] if self.words[0] == "crit-dist" else []
        pairs = list(zip(self.words, self.words[1:], strict=False))
        names = [word for flag, word in pairs if flag in flags]
        seeds = next((word.split(",") for flag, word in pairs if flag == "--seeds"), [])
        return [n.replace("{seed}", seed) for n in names for seed in seeds or [""]]


class Line(NamedTuple):
    """One line of the output."""

    case: str
    file: str
    name: str
    kind: str
    shape: str
    value: str
    total: str = ""


def cases(large: bool = False) -> list[Case]:
    """Return the cases of all tables, the large one where it is asked for.

    >>> [case.words[0] for case in cases()][:2], len(cases()) > 60
    (['train-kh', 'train-kh'], True)
    """
    found = []
    for section in (*SECTIONS, *[LARGE] * large):
        for line in re.sub(r"\n\s+", " ", section).strip().splitlines():
            name, _, command = line.partition(": ")
            words, how, code = shlex.split(command), "run", 0
            if words[0] == "fails":
                code, words = int(words[1]), words[2:]
            elif words[0] in ("torchrun", "killed", "strip", "pickle"):
                how, words = words[0], words[1:]
            found.append(Case(name, how, words, code))
    return found


def prepare(folder: Path) -> None:
    """Write the images, activations and code that cases read."""
    from PIL import Image

    draws = np.random.default_rng(0)
    labels = np.arange(120) % 4
    fine = draws.normal(size=(120, 3, 28, 28)).cumsum(2).cumsum(3)
    fine += 40 * draws.normal(size=(4, 3, 28, 28))[labels]
    low, high = fine.min((1, 2, 3), keepdims=True), fine.max((1, 2, 3), keepdims=True)
    x = (255 * (fine - low) / (high - low)).astype(np.uint8)
    split = {"x_train": x[:80], "y_train": labels[:80], "x_test": x[80:], "y_test": labels[80:]}
    np.savez(folder / "colour.npz", **split, name="smooth colours")
    signal = draws.normal(size=(60, 20)) * np.arange(1, 21) ** -0.6
    noise = 0.3 * draws.normal(size=(2, 60, 20))
    np.savez(folder / "x.npz", x=signal)
    np.savez(folder / "x2.npz", x=signal + noise)
    for part, count in (("train", 6), ("test", 4)):
        for name in "abc":
            (folder / "pictures" / part / name).mkdir(parents=True)
            for number in range(count):
                side = (10 + number, 12)
                pixels = draws.integers(256, size=side, dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"pictures/{part}/{name}/{number}.png")
    (folder / "networks.py").write_text(NETWORK_CODE)
    (folder / "layouts").mkdir()
    for name in ("figure.toml", "layouts/figure.toml"):
        (folder / name).write_text(LAYOUT)
    published = {"kh": {"test accuracy": 0.5}, "bp": {"test accuracy": [0.8, 0.9]}}
    whole = {"title": "paper A", "source": "arXiv:2405.00679", "networks": published}
    (folder / "published.json").write_text(json.dumps(whole))


def prepare_large(folder: Path) -> None:
    """Write 11,600 images of 11,664 pixels."""
    draws = np.random.default_rng(1)
    signal = draws.normal(size=(11600, 40)).astype(np.float32)
    shapes = draws.normal(size=(40, 108**2)).astype(np.float32) / np.arange(1, 41)[:, None]
    x = signal @ shapes.astype(np.float32)
    x += 0.5 * draws.normal(size=x.shape).astype(np.float32)
    x = (255 * (x - x.min()) / np.ptp(x)).astype(np.uint8).reshape(-1, 108, 108)
    labels = np.arange(len(x)) % 4
    split = {"x_train": x[:2], "y_train": labels[:2], "x_test": x, "y_test": labels}
    np.savez(folder / "wide.npz", **split)


def run_all(folder: Path, output: Path, large: bool = False) -> None:
    """Run every case, two at a time, and write the digests."""
    folder.mkdir(parents=True)
    prepare(folder)
    if large:
        prepare_large(folder)
    started, table = time.monotonic(), cases(large)
    made: dict[str, Future] = {}
    with ThreadPoolExecutor(2) as pool:
        futures = []
        for case in table:
            before = list(futures) if case.words[0] == "report" else []
            before += [future for name, future in made.items() if _reads(case, name)]
            futures.append(pool.submit(run_case, case, folder, before))
            made |= dict.fromkeys(case.writes(), futures[-1])
        results = [future.result() for future in futures]
    lines = []
    for case, (code, error) in zip(table, results, strict=True):
        lines.append(Line(case.name, "-", "exit code", "text", "-", str(code)))
        if code != case.code:
            print(f"{case.name}: exit code {code}, expected {case.code}\n{error}", file=sys.stderr)
        if case.how in ("run", "torchrun"):
            for name in case.writes():
                lines += [line._replace(case=case.name) for line in digest(folder / name)]
    for one, other in EQUAL:
        same = _contents(folder / one) == _contents(folder / other)
        lines.append(Line("equal", one, other, "number", "-", str(same)))
    output.write_text("".join("\t".join(line) + "\n" for line in lines))
    taken = time.monotonic() - started
    print(f"{len(table)} commands, {len(lines)} lines, {taken:.0f} s -> {output}")


def _reads(case: Case, name: str) -> bool:
    """Return whether a case names a file, also as a member or in a layout."""
    words = [re.escape(word).replace(r"\{seed\}", r"\d+") for word in case.words]
    layout = "--layout" in case.words and name.startswith(("kh.", "bp.", "hybrid."))
    return layout or any(re.fullmatch(word, name) for word in words)


def run_case(case: Case, folder: Path, before: list[Future]) -> tuple[int, str]:
    """Run a case when what it reads is there; return its exit code and what it said."""
    for future in before:
        future.result()
    if case.how == "strip":
        return _strip(*(folder / word for word in case.words))
    if case.words[0] == "report":
        (folder / "results").mkdir(exist_ok=True)
        for name in RESULTS:
            if (folder / name).exists() and not (folder / "results" / name).exists():
                shutil.copy(folder / name, folder / "results" / name)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    program = {"torchrun": [*launch, "-m", "specrob"], "pickle": ["-c", PICKLE]}
    words = [sys.executable, *program.get(case.how, ["-m", "specrob"]), *case.words]
    if case.words[0] in ON_A_DEVICE:
        words += ["--device", "cpu"]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, **threads, "COLUMNS": "100", "NO_COLOR": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if case.how == "killed":
        kept = folder / case.words[case.words.index("--checkpoint") + 1]
        while process.poll() is None and not kept.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return 0 if kept.exists() else 1, "no checkpoint"
    _, said = process.communicate()
    return process.returncode, said


def _strip(source: Path, target: Path) -> tuple[int, str]:
    """Write the tensors alone."""
    import safetensors.numpy

    safetensors.numpy.save_file(safetensors.numpy.load_file(source), target)
    return 0, ""


def digest(path: Path) -> Iterator[Line]:
    """Yield the lines of a file; of a missing one, a line that says so."""
    if not path.exists():
        yield Line("", path.name, "file", "text", "-", "missing")
    elif path.suffix in (".safetensors", ".npz"):
        arrays, envelope = _open(path)
        for name, array in sorted(arrays.items()):
            yield _of_array(path.name, name, array)
        yield from _of_facts(path.name, envelope.get("fields", {}))
    elif path.suffix == ".json":
        whole = json.loads(path.read_text())
        whole.pop("meta", None)
        yield from _of_facts(path.name, whole)
    elif path.suffix == ".png":
        from matplotlib.image import imread

        pixels = (255 * imread(path)).round().astype(np.uint8)
        yield _of_array(path.name, "pixels", pixels)._replace(kind="figure", total="")
    elif path.suffix == ".md":
        yield from _of_tables(path)
    elif path.suffix == ".txt" and path.read_text().startswith("{"):
        for name, value in json.loads(path.read_text())["summary"].items():
            yield Line("", path.name, name, "reported", "-", str(value))


def _open(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays of a file, and the JSON beside them."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return arrays, json.loads(str(arrays.pop("meta", "{}")))
    import safetensors.numpy

    whole = path.read_bytes()
    header = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])
    facts = json.loads(header.get("__metadata__", {}).get("meta", "{}"))
    return safetensors.numpy.load(whole), facts


def _contents(path: Path) -> tuple[dict[str, bytes], Any] | None:
    """Return arrays and facts, for comparison."""
    if not path.exists():
        return None
    arrays, envelope = _open(path)
    return {name: array.tobytes() for name, array in arrays.items()}, envelope.get("fields")


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _of_array(file: str, name: str, array: np.ndarray) -> Line:
    """Return the line of an array; its sum shows how large a difference is."""
    shape = "x".join(map(str, array.shape)) or "scalar"
    total = ""
    if array.dtype.kind in "fiu":
        finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
        total = f"{finite.sum(dtype=np.float64):.12g}"
    value = _sha(np.ascontiguousarray(array).tobytes())
    return Line("", file, name, str(array.dtype), shape, value, total)


def _of_facts(file: str, facts: Any, name: str = "") -> Iterator[Line]:
    """Yield a line for every leaf of JSON; a list of numbers is one leaf.

    >>> [line.value for line in _of_facts("a", {"x": 1, "reason": "b", "c": ["d"]})]
    ['1', '["d"]']
    """
    if FREE_TEXT.search(name):
        return
    kind = "meta" if name.split(".")[0] in DESCRIBED else "number"
    if isinstance(facts, dict):
        for key, value in facts.items():
            yield from _of_facts(file, value, f"{name}.{key}" if name else key)
    elif isinstance(facts, list) and any(isinstance(each, dict) for each in facts):
        for place, value in enumerate(facts):
            yield from _of_facts(file, value, f"{name}.{place}")
    elif isinstance(facts, list) and facts and not _has_words(facts):
        numbers = np.array(_numbers(facts), dtype=np.float64) if _is_regular(facts) else None
        shape = "x".join(map(str, numbers.shape)) if numbers is not None else str(len(facts))
        total = f"{np.nansum(numbers):.12g}" if numbers is not None else ""
        yield Line("", file, name, kind, shape, _sha(json.dumps(facts).encode()), total)
    else:
        words = _has_words(facts)
        yield Line("", file, name, "meta" if words else kind, "-", json.dumps(facts))


def _has_words(value: Any) -> bool:
    each = value if isinstance(value, list) else [value]
    return any(isinstance(one, str) or isinstance(one, list) and _has_words(one) for one in each)


def _is_regular(value: list) -> bool:
    lengths = {len(one) if isinstance(one, list) else -1 for one in value}
    return len(lengths) == 1


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(one) for one in value]
    return math.nan if value is None else value


def _of_tables(path: Path) -> Iterator[Line]:
    """Yield the cells of Markdown tables, by row and column."""
    header: list[str] = []
    for line in path.read_text().splitlines():
        if not line.startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not header:
            header = cells
        elif set(line) - set("|- "):
            for column, cell in zip(header[1:], cells[1:], strict=False):
                yield Line("", path.name, f"{cells[0]}, {column}", "reported", "-", cell)


def read(path: Path) -> dict[tuple[str, str, str], Line]:
    """Return the lines of a file of digests; a name that comes again is numbered."""
    found: dict[tuple[str, str, str], Line] = {}
    for text in path.read_text().splitlines():
        line = Line(*text.split("\t"))
        name, number = line.name, 2
        while (line.case, line.file, name) in found:
            name, number = f"{line.name} #{number}", number + 1
        found[line.case, line.file, name] = line
    return found


def compare(before: Path, after: Path) -> int:
    """Print what differs, arrays and numbers first; return 1 if any of these do."""
    old, new = read(before), read(after)
    groups: dict[str, list[str]] = {"arrays and numbers": [], "missing": [], "new": []}
    groups |= {kind: [] for kind in UNIMPORTANT}
    for key in dict.fromkeys([*old, *new]):
        one, other = old.get(key), new.get(key)
        if one == other:
            continue
        line = one or other
        unimportant = line.kind in UNIMPORTANT
        group = line.kind if unimportant else "arrays and numbers"
        if other is None and not unimportant:
            group = "missing"
        elif one is None:
            group = "new"
        shown = [("  - ", one), ("  + ", other)]
        text = [" ".join(key), *(f"{mark}{' '.join(each[3:])}" for mark, each in shown if each)]
        groups[group].append("\n".join(text))
    for group, differences in groups.items():
        if differences:
            print(f"== {group}: {len(differences)} differ", *differences, sep="\n")
    failed = len(groups["arrays and numbers"]) + len(groups["missing"])
    same = sum(old[key] == new.get(key) for key in old)
    print(f"{same} of {len(old)} lines are the same, {failed} arrays or numbers are not")
    return 1 if failed else 0


def main() -> int:
    """Run or compare."""
    if sys.argv[1:2] == ["compare"]:
        return compare(Path(sys.argv[2]), Path(sys.argv[3]))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a new folder to work in")
    parser.add_argument("--output", type=Path, default=Path("digests.txt"))
    parser.add_argument("--large", action="store_true", help="also a layer too large for memory")
    if len(sys.argv) == 1:  # as one of all benchmarks, which write nothing
        parser.print_help()
        return 0
    given = parser.parse_args()
    run_all(given.folder.resolve(), given.output.resolve(), given.large)
    return 0


if __name__ == "__main__":
    sys.exit(main())
