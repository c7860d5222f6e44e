#!/usr/bin/env bash
# A local-learning network beside a plain one, on the digits: train, measure, draw, compare.
# On a fresh clone it first makes .venv and installs specrob into it (5.7 GB, about a minute).
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x .venv/bin/specrob ]; then
  echo "installing specrob and PyTorch into .venv (5.7 GB, a minute or more) ..."
  python3 -m venv .venv
  .venv/bin/pip install --quiet --editable .
fi
PATH="$PWD/.venv/bin:$PATH"
mkdir -p "${1:-out/quickstart}"
cd "${1:-out/quickstart}"

echo "== train: local learning with a read-out, and the same network end to end"
specrob train-kh --hidden 200 --epochs 500 | specrob prune | specrob train-sup --epochs 100 -o kh.safetensors
specrob train-sup --arch shlp --hidden 200 --normalize l3 --epochs 100 -o bp.safetensors

for model in kh bp; do
  echo "== measure: $model"
  specrob spectrum $model.safetensors --noise --split train -o $model.spectrum.npz
  specrob fit-alpha $model.spectrum.npz --range 3:30 --noise-range 3:30 -o $model.alpha.json
  specrob attack $model.safetensors --method pgd --eps log:1e-3:1:20 -o $model.pgd.json
  specrob crit-dist $model.safetensors --method minimal -o $model.distances.npz
  specrob landscape $model.safetensors --index 0 -o $model.landscape.npz
done

echo "== draw"
specrob plot kh.safetensors -o weights.png
specrob plot {kh,bp}.spectrum.npz --label KH --label BP -o spectrum.png
specrob plot {kh,bp}.alpha.json --label KH --label BP -o alpha.png
specrob plot {kh,bp}.pgd.json --label KH --label BP -o robustness.png
specrob plot {kh,bp}.distances.npz --label KH --label BP --mixed -o distances.png  # their own correct images
specrob plot {kh,bp}.landscape.npz --label KH --label BP -o landscape.png

echo "== compare: two single networks, so that this says nothing about their kinds"
specrob table . --quantity test_accuracy --quantity alpha --quantity distance --format md
specrob compare kh.distances.npz bp.distances.npz --quantity distance -o comparison.json
specrob report . -o report.html
echo
echo "artifacts and figures are in $PWD"
