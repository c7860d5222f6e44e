#!/usr/bin/env bash
# Paper A, whole, without Snakemake: bash paper_a.sh RUN. The commands of Snakefile, one after
# another; what is there already is left as it is. Settings are those of config.yaml, or of the
# environment: EPOCHS=1000 DATA=$PWD/cifar10.npz bash paper_a.sh RUN. Made by tests/generate.py.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
: "${DATA:=cifar10.npz}"
: "${HIDDEN:=2000}"
: "${LOCAL_EPOCHS:=1000}"
: "${READOUT_EPOCHS:=1000}"
: "${EPOCHS:=170}"
: "${THRESHOLD:=0.0015}"
: "${PRECISION:=bfloat16}"
: "${DEVICE:=auto}"
: "${IMAGES:=10000}"
: "${SIZES:=10,50,100,500,1000,1500,2000}"
: "${BOOTSTRAP:=20}"
: "${EPS:=log:1e-4:30:400}"
: "${POINTS:=100}"
mkdir -p "$1"/{layers,networks,measures,figures,seeds}
cd "$1"

test -e layers/local.safetensors || {
  specrob train-kh --data $DATA --device $DEVICE --hidden $HIDDEN --epochs $LOCAL_EPOCHS --precision $PRECISION --checkpoint layers/local.state $(test ! -e layers/local.state || echo --resume layers/local.state) -o layers/local.safetensors
  rm -f layers/local.state
}
test -e layers/init.safetensors || {
  specrob train-kh --data $DATA --hidden $HIDDEN --epochs 0 -o layers/init.safetensors
}
test -e layers/pruned.safetensors || {
  specrob prune layers/local.safetensors --threshold $THRESHOLD -o layers/pruned.safetensors
}
test -e networks/specreg.safetensors || {
  specrob train-sup --arch shlp --hidden $HIDDEN --data $DATA --normalize l3 --epochs $EPOCHS --batch-norm --schedule paper-a-spectral --penalty spectral=1,tau=1,layers=hidden,refresh=epoch --device $DEVICE --checkpoint networks/specreg.state $(test ! -e networks/specreg.state || echo --resume networks/specreg.state) -o networks/specreg.safetensors
  rm -f networks/specreg.state
}
test -e networks/specstep.safetensors || {
  specrob train-sup --arch shlp --hidden $HIDDEN --data $DATA --normalize l3 --epochs $EPOCHS --batch-norm --schedule paper-a-spectral --penalty spectral=5,tau=10,layers=hidden,refresh=step --device $DEVICE --checkpoint networks/specstep.state $(test ! -e networks/specstep.state || echo --resume networks/specstep.state) -o networks/specstep.safetensors
  rm -f networks/specstep.state
}
test -e networks/bp.safetensors || {
  specrob train-sup --arch shlp --hidden $HIDDEN --data $DATA --normalize l3 --epochs $EPOCHS --device $DEVICE --checkpoint networks/bp.state $(test ! -e networks/bp.state || echo --resume networks/bp.state) -o networks/bp.safetensors
  rm -f networks/bp.state
}
test -e networks/jreg.safetensors || {
  specrob train-sup --arch shlp --hidden $HIDDEN --data $DATA --normalize l3 --epochs $EPOCHS --penalty jacobian=1e-3,of=hidden,n_proj=3 --device $DEVICE --checkpoint networks/jreg.state $(test ! -e networks/jreg.state || echo --resume networks/jreg.state) -o networks/jreg.safetensors
  rm -f networks/jreg.state
}
test -e networks/jlatent.safetensors || {
  specrob train-sup --arch shlp --hidden $HIDDEN --data $DATA --normalize l3 --epochs $EPOCHS --penalty jacobian=1e-3,of=latent,n_proj=3 --device $DEVICE --checkpoint networks/jlatent.state $(test ! -e networks/jlatent.state || echo --resume networks/jlatent.state) -o networks/jlatent.safetensors
  rm -f networks/jlatent.state
}
test -e networks/l2.safetensors || {
  specrob train-sup --arch shlp --hidden $HIDDEN --data $DATA --normalize l3 --epochs $EPOCHS --penalty l2=5e-4 --device $DEVICE --checkpoint networks/l2.state $(test ! -e networks/l2.state || echo --resume networks/l2.state) -o networks/l2.safetensors
  rm -f networks/l2.state
}
test -e seeds/raw-2.safetensors || {
  specrob train-sup layers/local.safetensors --device $DEVICE --epochs $READOUT_EPOCHS --seeds 1,2 -o 'seeds/raw-{seed}.safetensors'
}
test -e networks/raw.safetensors || {
  specrob train-sup layers/local.safetensors --device $DEVICE --epochs $READOUT_EPOCHS -o networks/raw.safetensors
}
test -e seeds/kh-2.safetensors || {
  specrob train-sup layers/pruned.safetensors --device $DEVICE --epochs $READOUT_EPOCHS --seeds 1,2 -o 'seeds/kh-{seed}.safetensors'
}
test -e networks/kh.safetensors || {
  specrob train-sup layers/pruned.safetensors --device $DEVICE --epochs $READOUT_EPOCHS -o networks/kh.safetensors
}
test -e measures/images.resampled.npz || {
  specrob spectrum images --data $DATA --normalize l3 --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/images.resampled.npz
}
test -e measures/images.spectrum.npz || {
  specrob spectrum images --data $DATA --normalize l3 --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/images.spectrum.npz
}
test -e measures/init.resampled.npz || {
  specrob spectrum layers/init.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/init.resampled.npz
}
test -e measures/init.spectrum.npz || {
  specrob spectrum layers/init.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/init.spectrum.npz
}
test -e measures/raw.resampled.npz || {
  specrob spectrum layers/local.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/raw.resampled.npz
}
test -e measures/raw.spectrum.npz || {
  specrob spectrum layers/local.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/raw.spectrum.npz
}
test -e measures/bp.resampled.npz || {
  specrob spectrum networks/bp.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/bp.resampled.npz
}
test -e measures/bp.spectrum.npz || {
  specrob spectrum networks/bp.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/bp.spectrum.npz
}
test -e measures/jlatent.resampled.npz || {
  specrob spectrum networks/jlatent.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/jlatent.resampled.npz
}
test -e measures/jlatent.spectrum.npz || {
  specrob spectrum networks/jlatent.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/jlatent.spectrum.npz
}
test -e measures/jreg.resampled.npz || {
  specrob spectrum networks/jreg.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/jreg.resampled.npz
}
test -e measures/jreg.spectrum.npz || {
  specrob spectrum networks/jreg.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/jreg.spectrum.npz
}
test -e measures/kh.resampled.npz || {
  specrob spectrum networks/kh.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/kh.resampled.npz
}
test -e measures/kh.spectrum.npz || {
  specrob spectrum networks/kh.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/kh.spectrum.npz
}
test -e measures/l2.resampled.npz || {
  specrob spectrum networks/l2.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/l2.resampled.npz
}
test -e measures/l2.spectrum.npz || {
  specrob spectrum networks/l2.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/l2.spectrum.npz
}
test -e measures/specreg.resampled.npz || {
  specrob spectrum networks/specreg.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/specreg.resampled.npz
}
test -e measures/specreg.spectrum.npz || {
  specrob spectrum networks/specreg.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/specreg.spectrum.npz
}
test -e measures/specstep.resampled.npz || {
  specrob spectrum networks/specstep.safetensors --device $DEVICE --limit $IMAGES --noise --bootstrap $BOOTSTRAP -o measures/specstep.resampled.npz
}
test -e measures/specstep.spectrum.npz || {
  specrob spectrum networks/specstep.safetensors --device $DEVICE --limit $IMAGES --noise --sizes $SIZES -o measures/specstep.spectrum.npz
}
test -e measures/bp.interval.json || {
  specrob fit-alpha measures/bp.resampled.npz --map -o measures/bp.interval.json
}
test -e measures/bp.alpha.json || {
  specrob fit-alpha measures/bp.spectrum.npz -o measures/bp.alpha.json
}
test -e measures/images.interval.json || {
  specrob fit-alpha measures/images.resampled.npz --map -o measures/images.interval.json
}
test -e measures/images.alpha.json || {
  specrob fit-alpha measures/images.spectrum.npz -o measures/images.alpha.json
}
test -e measures/init.interval.json || {
  specrob fit-alpha measures/init.resampled.npz --map -o measures/init.interval.json
}
test -e measures/init.alpha.json || {
  specrob fit-alpha measures/init.spectrum.npz -o measures/init.alpha.json
}
test -e measures/jlatent.interval.json || {
  specrob fit-alpha measures/jlatent.resampled.npz --map -o measures/jlatent.interval.json
}
test -e measures/jlatent.alpha.json || {
  specrob fit-alpha measures/jlatent.spectrum.npz -o measures/jlatent.alpha.json
}
test -e measures/jreg.interval.json || {
  specrob fit-alpha measures/jreg.resampled.npz --map -o measures/jreg.interval.json
}
test -e measures/jreg.alpha.json || {
  specrob fit-alpha measures/jreg.spectrum.npz -o measures/jreg.alpha.json
}
test -e measures/kh.interval.json || {
  specrob fit-alpha measures/kh.resampled.npz --map -o measures/kh.interval.json
}
test -e measures/kh.alpha.json || {
  specrob fit-alpha measures/kh.spectrum.npz -o measures/kh.alpha.json
}
test -e measures/l2.interval.json || {
  specrob fit-alpha measures/l2.resampled.npz --map -o measures/l2.interval.json
}
test -e measures/l2.alpha.json || {
  specrob fit-alpha measures/l2.spectrum.npz -o measures/l2.alpha.json
}
test -e measures/raw.interval.json || {
  specrob fit-alpha measures/raw.resampled.npz --map -o measures/raw.interval.json
}
test -e measures/raw.alpha.json || {
  specrob fit-alpha measures/raw.spectrum.npz -o measures/raw.alpha.json
}
test -e measures/specreg.interval.json || {
  specrob fit-alpha measures/specreg.resampled.npz --map -o measures/specreg.interval.json
}
test -e measures/specreg.alpha.json || {
  specrob fit-alpha measures/specreg.spectrum.npz -o measures/specreg.alpha.json
}
test -e measures/specstep.interval.json || {
  specrob fit-alpha measures/specstep.resampled.npz --map -o measures/specstep.interval.json
}
test -e measures/specstep.alpha.json || {
  specrob fit-alpha measures/specstep.spectrum.npz -o measures/specstep.alpha.json
}
test -e measures/bp.fgsm.npz || {
  specrob crit-dist networks/bp.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/bp.fgsm.json -o measures/bp.fgsm.npz
}
test -e measures/bp.minimal.npz || {
  specrob crit-dist networks/bp.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/bp.minimal.json -o measures/bp.minimal.npz
}
test -e measures/bp.pgd.npz || {
  specrob crit-dist networks/bp.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/bp.pgd.json -o measures/bp.pgd.npz
}
test -e measures/bp.random.npz || {
  specrob crit-dist networks/bp.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/bp.random.json -o measures/bp.random.npz
}
test -e measures/bp.bounded.npz || {
  specrob crit-dist networks/bp.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/bp.bounded.json -o measures/bp.bounded.npz
}
test -e measures/jlatent.fgsm.npz || {
  specrob crit-dist networks/jlatent.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/jlatent.fgsm.json -o measures/jlatent.fgsm.npz
}
test -e measures/jlatent.minimal.npz || {
  specrob crit-dist networks/jlatent.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/jlatent.minimal.json -o measures/jlatent.minimal.npz
}
test -e measures/jlatent.pgd.npz || {
  specrob crit-dist networks/jlatent.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/jlatent.pgd.json -o measures/jlatent.pgd.npz
}
test -e measures/jlatent.random.npz || {
  specrob crit-dist networks/jlatent.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/jlatent.random.json -o measures/jlatent.random.npz
}
test -e measures/jlatent.bounded.npz || {
  specrob crit-dist networks/jlatent.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/jlatent.bounded.json -o measures/jlatent.bounded.npz
}
test -e measures/jreg.fgsm.npz || {
  specrob crit-dist networks/jreg.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/jreg.fgsm.json -o measures/jreg.fgsm.npz
}
test -e measures/jreg.minimal.npz || {
  specrob crit-dist networks/jreg.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/jreg.minimal.json -o measures/jreg.minimal.npz
}
test -e measures/jreg.pgd.npz || {
  specrob crit-dist networks/jreg.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/jreg.pgd.json -o measures/jreg.pgd.npz
}
test -e measures/jreg.random.npz || {
  specrob crit-dist networks/jreg.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/jreg.random.json -o measures/jreg.random.npz
}
test -e measures/jreg.bounded.npz || {
  specrob crit-dist networks/jreg.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/jreg.bounded.json -o measures/jreg.bounded.npz
}
test -e measures/kh.fgsm.npz || {
  specrob crit-dist networks/kh.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/kh.fgsm.json -o measures/kh.fgsm.npz
}
test -e measures/kh.minimal.npz || {
  specrob crit-dist networks/kh.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/kh.minimal.json -o measures/kh.minimal.npz
}
test -e measures/kh.pgd.npz || {
  specrob crit-dist networks/kh.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/kh.pgd.json -o measures/kh.pgd.npz
}
test -e measures/kh.random.npz || {
  specrob crit-dist networks/kh.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/kh.random.json -o measures/kh.random.npz
}
test -e measures/kh.bounded.npz || {
  specrob crit-dist networks/kh.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/kh.bounded.json -o measures/kh.bounded.npz
}
test -e measures/l2.fgsm.npz || {
  specrob crit-dist networks/l2.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/l2.fgsm.json -o measures/l2.fgsm.npz
}
test -e measures/l2.minimal.npz || {
  specrob crit-dist networks/l2.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/l2.minimal.json -o measures/l2.minimal.npz
}
test -e measures/l2.pgd.npz || {
  specrob crit-dist networks/l2.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/l2.pgd.json -o measures/l2.pgd.npz
}
test -e measures/l2.random.npz || {
  specrob crit-dist networks/l2.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/l2.random.json -o measures/l2.random.npz
}
test -e measures/l2.bounded.npz || {
  specrob crit-dist networks/l2.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/l2.bounded.json -o measures/l2.bounded.npz
}
test -e measures/raw.fgsm.npz || {
  specrob crit-dist networks/raw.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/raw.fgsm.json -o measures/raw.fgsm.npz
}
test -e measures/raw.minimal.npz || {
  specrob crit-dist networks/raw.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/raw.minimal.json -o measures/raw.minimal.npz
}
test -e measures/raw.pgd.npz || {
  specrob crit-dist networks/raw.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/raw.pgd.json -o measures/raw.pgd.npz
}
test -e measures/raw.random.npz || {
  specrob crit-dist networks/raw.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/raw.random.json -o measures/raw.random.npz
}
test -e measures/raw.bounded.npz || {
  specrob crit-dist networks/raw.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/raw.bounded.json -o measures/raw.bounded.npz
}
test -e measures/specreg.fgsm.npz || {
  specrob crit-dist networks/specreg.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/specreg.fgsm.json -o measures/specreg.fgsm.npz
}
test -e measures/specreg.minimal.npz || {
  specrob crit-dist networks/specreg.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/specreg.minimal.json -o measures/specreg.minimal.npz
}
test -e measures/specreg.pgd.npz || {
  specrob crit-dist networks/specreg.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/specreg.pgd.json -o measures/specreg.pgd.npz
}
test -e measures/specreg.random.npz || {
  specrob crit-dist networks/specreg.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/specreg.random.json -o measures/specreg.random.npz
}
test -e measures/specreg.bounded.npz || {
  specrob crit-dist networks/specreg.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/specreg.bounded.json -o measures/specreg.bounded.npz
}
test -e measures/specstep.fgsm.npz || {
  specrob crit-dist networks/specstep.safetensors --device $DEVICE --method fgsm --limit $IMAGES --eps $EPS --curve measures/specstep.fgsm.json -o measures/specstep.fgsm.npz
}
test -e measures/specstep.minimal.npz || {
  specrob crit-dist networks/specstep.safetensors --device $DEVICE --method minimal --limit $IMAGES --eps $EPS --curve measures/specstep.minimal.json -o measures/specstep.minimal.npz
}
test -e measures/specstep.pgd.npz || {
  specrob crit-dist networks/specstep.safetensors --device $DEVICE --method pgd --limit $IMAGES --eps $EPS --curve measures/specstep.pgd.json -o measures/specstep.pgd.npz
}
test -e measures/specstep.random.npz || {
  specrob crit-dist networks/specstep.safetensors --device $DEVICE --method random --bounds none --limit $IMAGES --eps $EPS --curve measures/specstep.random.json -o measures/specstep.random.npz
}
test -e measures/specstep.bounded.npz || {
  specrob crit-dist networks/specstep.safetensors --device $DEVICE --method random --bounds valid --limit $IMAGES --eps $EPS --curve measures/specstep.bounded.json -o measures/specstep.bounded.npz
}
test -e seeds/kh-1.pgd.npz || {
  specrob crit-dist seeds/kh-1.safetensors --device $DEVICE --method pgd --limit $IMAGES -o seeds/kh-1.pgd.npz
}
test -e seeds/kh-2.pgd.npz || {
  specrob crit-dist seeds/kh-2.safetensors --device $DEVICE --method pgd --limit $IMAGES -o seeds/kh-2.pgd.npz
}
test -e seeds/raw-1.pgd.npz || {
  specrob crit-dist seeds/raw-1.safetensors --device $DEVICE --method pgd --limit $IMAGES -o seeds/raw-1.pgd.npz
}
test -e seeds/raw-2.pgd.npz || {
  specrob crit-dist seeds/raw-2.safetensors --device $DEVICE --method pgd --limit $IMAGES -o seeds/raw-2.pgd.npz
}
test -e measures/bp.landscape.npz || {
  specrob landscape networks/bp.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/bp.landscape.npz
}
test -e measures/jlatent.landscape.npz || {
  specrob landscape networks/jlatent.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/jlatent.landscape.npz
}
test -e measures/jreg.landscape.npz || {
  specrob landscape networks/jreg.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/jreg.landscape.npz
}
test -e measures/kh.landscape.npz || {
  specrob landscape networks/kh.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/kh.landscape.npz
}
test -e measures/l2.landscape.npz || {
  specrob landscape networks/l2.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/l2.landscape.npz
}
test -e measures/raw.landscape.npz || {
  specrob landscape networks/raw.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/raw.landscape.npz
}
test -e measures/specreg.landscape.npz || {
  specrob landscape networks/specreg.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/specreg.landscape.npz
}
test -e measures/specstep.landscape.npz || {
  specrob landscape networks/specstep.safetensors --device $DEVICE --points $POINTS --only measures/kh.fgsm.npz --only measures/bp.fgsm.npz --only measures/l2.fgsm.npz --only measures/jreg.fgsm.npz --only measures/specreg.fgsm.npz -o measures/specstep.landscape.npz
}
test -e measures/bp.smoothness.json || {
  specrob smoothness networks/bp.safetensors --device $DEVICE --limit $IMAGES -o measures/bp.smoothness.json
}
test -e measures/jlatent.smoothness.json || {
  specrob smoothness networks/jlatent.safetensors --device $DEVICE --limit $IMAGES -o measures/jlatent.smoothness.json
}
test -e measures/jreg.smoothness.json || {
  specrob smoothness networks/jreg.safetensors --device $DEVICE --limit $IMAGES -o measures/jreg.smoothness.json
}
test -e measures/kh.smoothness.json || {
  specrob smoothness networks/kh.safetensors --device $DEVICE --limit $IMAGES -o measures/kh.smoothness.json
}
test -e measures/l2.smoothness.json || {
  specrob smoothness networks/l2.safetensors --device $DEVICE --limit $IMAGES -o measures/l2.smoothness.json
}
test -e measures/raw.smoothness.json || {
  specrob smoothness networks/raw.safetensors --device $DEVICE --limit $IMAGES -o measures/raw.smoothness.json
}
test -e measures/specreg.smoothness.json || {
  specrob smoothness networks/specreg.safetensors --device $DEVICE --limit $IMAGES -o measures/specreg.smoothness.json
}
test -e measures/specstep.smoothness.json || {
  specrob smoothness networks/specstep.safetensors --device $DEVICE --limit $IMAGES -o measures/specstep.smoothness.json
}
test -e figures/figure1.pdf || {
  specrob plot --layout $HERE/figures/figure1.toml --root . -o figures/figure1.pdf
}
test -e figures/figure1.png || {
  specrob plot --layout $HERE/figures/figure1.toml --root . -o figures/figure1.png
}
test -e figures/figure2.pdf || {
  specrob plot --layout $HERE/figures/figure2.toml --root . -o figures/figure2.pdf
}
test -e figures/figure2.png || {
  specrob plot --layout $HERE/figures/figure2.toml --root . -o figures/figure2.png
}
test -e figures/figure3.pdf || {
  specrob plot --layout $HERE/figures/figure3.toml --root . -o figures/figure3.pdf
}
test -e figures/figure3.png || {
  specrob plot --layout $HERE/figures/figure3.toml --root . -o figures/figure3.png
}
test -e figures/figure4.pdf || {
  specrob plot --layout $HERE/figures/figure4.toml --root . -o figures/figure4.pdf
}
test -e figures/figure4.png || {
  specrob plot --layout $HERE/figures/figure4.toml --root . -o figures/figure4.png
}
test -e figures/figure5.pdf || {
  specrob plot --layout $HERE/figures/figure5.toml --root . -o figures/figure5.pdf
}
test -e figures/figure5.png || {
  specrob plot --layout $HERE/figures/figure5.toml --root . -o figures/figure5.png
}
test -e figures/figure6.pdf || {
  specrob plot --layout $HERE/figures/figure6.toml --root . -o figures/figure6.pdf
}
test -e figures/figure6.png || {
  specrob plot --layout $HERE/figures/figure6.toml --root . -o figures/figure6.png
}
test -e report.html || {
  specrob report . --compare $HERE/published.json -o report.html
}
