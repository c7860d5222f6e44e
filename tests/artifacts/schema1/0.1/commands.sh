set -euo pipefail
specrob train-kh --hidden 10 --epochs 3 -o layer.safetensors
specrob prune layer.safetensors -o pruned.safetensors
specrob train-sup layer.safetensors --epochs 20 --lr 0.01 -o kh.safetensors
specrob train-sup --arch mlp --hidden 12,9 --batch-norm --epochs 3 --penalty spectral=0.1,tau=2 -o mlp.safetensors
specrob spectrum kh.safetensors --noise --limit 60 --bootstrap 10 -o kh.spectrum.npz
specrob spectrum mlp.safetensors --layer hidden --limit 60 -o mlp.spectrum.npz
specrob fit-alpha mlp.spectrum.npz --range 1:11 -o mlp.alpha.json
specrob attack kh.safetensors --method fgsm --eps 0,0.05 --limit 40 -o kh.fgsm.json
