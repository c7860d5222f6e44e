#!/usr/bin/env bash
# The main commands on tiny settings, in under a minute once specrob is installed: for your own CI.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
specrob --version
specrob train-kh --hidden 30 --epochs 20 -o layer.safetensors
specrob prune layer.safetensors | specrob train-sup --epochs 20 -o kh.safetensors
specrob train-sup --arch shlp --hidden 30 --epochs 10 --penalty l2=5e-4 -o bp.safetensors
specrob spectrum kh.safetensors --noise | tee spectrum.npz | specrob fit-alpha --range 3:20 --noise-range 3:20 -o alpha.json
specrob attack bp.safetensors --method fgsm --eps 0,8/255,0.1 --limit 100 -o attack.json
specrob crit-dist kh.safetensors --method pgd --norm l2 --limit 50 -o distances.npz
specrob landscape kh.safetensors --points 30 -o landscape.npz
specrob sensitivity kh.safetensors --ranks 1,3 -o sensitivity.npz
specrob spectrum kh.safetensors --transform pca:20 --bootstrap 20 | specrob fit-alpha --range 3:18 --map -o map.json
specrob plot spectrum.npz alpha.json -o fitted.svg
for artifact in layer.safetensors bp.safetensors spectrum.npz alpha.json attack.json distances.npz landscape.npz sensitivity.npz map.json; do
  specrob plot "$artifact" -o "$artifact.svg"
done
specrob info distances.npz
specrob smoothness kh.safetensors -o smoothness.json
specrob dimension images -o dimension.json
specrob report . -o report.html
echo "smoke: done"
