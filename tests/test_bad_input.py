"""Whatever is wrong with the input: the right exit code, one line, and no file harmed."""

import shlex

import pytest
import torch
from typer.testing import CliRunner

from specrob import __version__
from specrob.cli import app

READERS = (
    *("prune", "train-sup", "spectrum", "fit-alpha", "attack", "crit-dist", "certify"),
    *("landscape", "smoothness", "sensitivity", "dimension", "plot", "info"),
)
DAMAGE = (
    ("nope.npz", "no such file or directory: nope.npz"),
    ("empty", "found nothing; check the command before it, or name a file"),
    ("random", "found other bytes"),
    ("array.npy", "found other bytes"),
    ("cut.safetensors", "expected whole safetensors in cut.safetensors, found broken bytes"),
    ("cut.npz", "expected whole npz in cut.npz, found broken bytes"),
    ("cut.json", "expected whole json in cut.json, found broken bytes"),
    ("lying.safetensors", "expected whole safetensors"),
    ("pickled.npz", "expected whole npz in pickled.npz, found broken bytes (Object arrays"),
    ("bomb.npz", "save it uncompressed"),
    ("newer.safetensors", f"found 9, written by specrob {__version__}; upgrade specrob"),
    ("newer.json", "upgrade specrob"),
    (".", "found a folder"),
)
KH, SHLP = "train-kh --hidden 4 --epochs 1", "train-sup --arch shlp --hidden 4 --epochs 1"
ROWS = (
    *((f"{command} {name}", 1, words) for command in READERS for name, words in DAMAGE),
    # the wrong kind, and files whose parts do not fit together
    (
        "prune spectrum.npz",
        1,
        "expected an artifact of kind model in spectrum.npz, found `spectrum`",
    ),
    ("train-sup power-law.json", 1, "found `power-law`"),
    ("spectrum landscape.npz", 1, "found `landscape`"),
    ("fit-alpha kh.safetensors", 1, "make one with `specrob spectrum`"),
    ("attack distances.npz", 1, "found `distances`"),
    ("crit-dist robustness.json", 1, "found `robustness`"),
    ("landscape spectrum.npz", 1, "found `spectrum`"),
    ("sensitivity spectrum.npz", 1, "found `spectrum`"),
    ("smoothness spectrum.npz", 1, "found `spectrum`"),
    ("smoothness x2.npz", 1, "expected an artifact of kind model or weights"),
    ("smoothness bp.safetensors --layer nope", 1, "expected a layer of the model, found `nope`"),
    ("sensitivity x2.npz", 1, "expected a model, found activations"),
    ("plot boot.npz", 1, "expected `bootstrap` with axes (S R N) in a spectrum"),
    ("plot map.json", 1, "expected valid facts in a power-law"),
    ("plot spectrum.npz power-law.json bp.safetensors", 1, "found model and power-law and"),
    ("plot x1.npz", 1, "found arrays, which has no figure"),
    ("plot spectrum.npz distances.npz", 1, "found distances and spectrum"),
    ("info list.json", 1, "expected JSON that specrob wrote in list.json, found other JSON"),
    ("info loose.json", 1, "expected JSON that specrob wrote in loose.json, found other JSON"),
    ("info loose.npz", 1, "found broken bytes"),
    ("info nan.json", 1, "NaN is no number"),
    ("info kind.json", 1, "expected a kind that specrob knows"),
    ("info history.json", 1, "found broken bytes (its history is not one)"),
    ("info words.json", 1, "got `str` at `eps[0]`"),
    ("plot words.json", 1, "got `str` at `eps[0]`"),
    ("info shape.safetensors", 1, "expected valid facts in a model"),
    # models
    ("prune nan.safetensors", 1, "found 512 NaN or inf in `hidden.synapses`"),
    ("spectrum bool.safetensors", 1, "expected torch.float32 in `hidden.synapses`, found bool"),
    ("prune vast.safetensors", 1, "expected `hidden.synapses` of shape (1000000000000, 64)"),
    ("spectrum norm.safetensors", 1, "expected a described model, found"),
    ("spectrum factory.safetensors", 1, "if you trust it, add --arch trap:make"),
    ("prune factory.safetensors", 1, "found the factory `trap:make`"),
    ("attack factory.safetensors --arch shlp", 1, "found the factory `trap:make`"),
    ("prune bp.safetensors", 1, "expected a local layer without read-out, found shlp"),
    ("prune hybrid.safetensors", 1, "expected a local layer without read-out, found hybrid"),
    ("prune kh.safetensors --threshold 1e-9", 1, "expected a threshold that leaves units"),
    ("attack kh.safetensors", 1, "found `kh` without a read-out"),
    ("crit-dist images", 1, "expected a model, found the word `images`"),
    ("landscape kh.safetensors", 1, "train one with `specrob train-sup`"),
    (
        "import net.pt --arch linear",
        2,
        "expected --data or --shape CxHxW, which weights do not record",
    ),
    ("import net.pt --arch linear --shape 8x8", 2, "expected CxHxW such as 3x32x32, found `8x8`"),
    ("import net.pt --arch linear --shape 1x8x8 --data digits", 2, "--shape: expected no --data"),
    ("import net.pt --arch linear --shape 1x8x8 --resize 8", 2, "--resize: expected --data"),
    ("import nope.pt --arch linear --shape 1x8x8", 1, "no file"),
    ("spectrum --arch os:getcwd --weights V1 --data digits", 2, "expected a FILE or initial"),
    ("spectrum raw.safetensors", 1, "found raw weights; name their --arch"),
    ("spectrum raw.safetensors --arch shlp", 1, "expected `hidden.weight` of shape"),
    ("attack raw25.safetensors --arch linear", 1, "of shape (10, 64), found (10, 25)"),
    ("attack bp.safetensors --arch linear", 1, "expected a linear as --arch says"),
    ("spectrum raw.safetensors --arch nowhere:make", 1, "No module named 'nowhere'"),
    ("spectrum raw.safetensors --arch broken:make", 1, "invalid syntax"),
    ("spectrum raw.safetensors --arch os:getcwd", 1, "expected an nn.Module"),
    ("spectrum raw.safetensors --arch torch.nn:Identity", 1, "expected 10 logits for an image"),
    ("train-sup --arch kh,hidden=5", 2, "expected a network that gradients train, found kh"),
    ("train-sup --arch torch.nn:Flatten", 1, "found no parameters in torch.nn:Flatten"),
    ("spectrum kh.safetensors --layer nope", 1, "expected a layer of the model, found `nope`"),
    (
        "landscape bp.safetensors --of nope --points 2",
        1,
        "it has input, logits, latent",
    ),
    # images
    ("spectrum kh.safetensors --data small.npz", 1, "expected images of shape (1, 8, 8)"),
    ("train-sup kh.safetensors --data noise:3x8x8", 1, "found (3, 8, 8) in white noise"),
    ("spectrum x1.npz", 1, "numbers `x` (images, units)"),
    ("spectrum x2.npz", 1, "found two repeats; add --cv"),
    ("spectrum x2.npz --cv --sizes 5", 2, "--cv: expected no --layer, --sizes"),
    ("spectrum images --null initial", 2, "--null: expected a model, whose weights can be drawn"),
    ("spectrum x2.npz --cv --null initial", 2, "--null or --uncentred beside it, found one"),
    ("spectrum x2.npz --transform zca", 2, "--transform: expected images, found activations"),
    ("spectrum x1.npz --resize 4", 2, "--resize: expected images, found activations; drop it"),
    ("spectrum kh.safetensors --resize 4", 1, "(a model's own is kept), or make it 8"),
    ("spectrum kh.safetensors --transform pca:17 --resize 4", 1, "expected pca:K with K up to 16"),
    ("spectrum kh.safetensors --cv", 1, "found one repeat; drop --cv"),
    ("spectrum xnan.npz", 1, "expected finite activations, found NaN or inf"),
    ("spectrum kh.safetensors --limit 1", 1, "expected at least 2 images"),
    (f"{KH} --data bright.npz", 1, "expected pixels in [0, 1] in bright.npz"),
    (f"{KH} --data nan.npz", 1, "expected finite pixels in nan.npz, found NaN or inf"),
    (f"{KH} --data pixelless.npz", 1, "expected pixels in pixelless.npz"),
    (f"{KH} --data vast.npz", 1, "expected an NPZ of images at vast.npz"),
    (f"{KH} --data lacking.npz", 1, "expected `y_train` in lacking.npz"),
    (f"{KH} --data kh.safetensors", 1, "expected an NPZ of images at kh.safetensors"),
    (f"{KH} --data nope.npz", 1, "found: No such file or directory"),
    (f"{KH} --data classless", 1, "expected class folders of images in classless/train"),
    (f"{KH} --data trainless", 1, "expected a folder train in trainless, found none"),
    (f"{KH} --data mixed", 1, "one size in mixed/train, found 8x8 and 9x9; set --resize"),
    (f"{KH} --data cifar10", 1, "expected CIFAR-10 under data, found none; fetch it with"),
    (f"{KH} --data cifar1O", 2, "did you mean `cifar10`?"),
    (f"{KH} --data noise:3x32", 2, "expected noise:CxHxW"),
    (f"{KH} --data noise:9999x9999x9999", 1, "expected enough memory"),
    (f"{SHLP} --data floats.npz", 1, "expected labels that are integers"),
    (f"{SHLP} --data fewer.npz", 1, "found labels (5,) for images (12, 8, 8)"),
    (f"{SHLP} --data many.npz", 1, "found 1000000000000 to"),
    ("attack bp.safetensors --data eleven.npz", 1, "expected labels below 10"),
    ("spectrum moved.safetensors", 1, "the model was trained on it; --data names other images"),
    (
        "attack other.safetensors",
        1,
        "expected the test images that the model was trained on",
    ),
    # numbers that no run can use
    (f"{KH} --hidden 0", 2, "--hidden"),
    (f"{KH} --hidden 1000000000000", 1, "expected enough memory"),
    (f"{KH} --hidden 1{'0' * 20}", 2, "--hidden"),
    (f"{KH} --p 1", 2, "--p"),
    (f"{KH} --p inf", 2, "--p"),
    (f"{KH} --delta -1", 2, "--delta"),
    (f"{KH} --delta nan", 2, "--delta"),
    (f"{KH} --lr 0", 2, "expected a number above 0, found `0`"),
    (f"{KH} --lr 1e29 --limit 50", 1, "expected finite synapses, found NaN or inf; lower --lr"),
    (f"{KH} --radius nan", 2, "--radius"),
    (f"{KH} --k 5", 2, "--k: expected a rank within the 4 hidden units, found 5"),
    (f"{KH} --epochs -1", 2, "--epochs"),
    (f"{KH} --batch-size 0", 2, "--batch-size"),
    (f"{KH} --seed -1", 2, "--seed"),
    (f"{KH} --limit 0", 2, "--limit"),
    (f"{KH} --resize 0", 2, "--resize"),
    (f"{KH} --resize -1", 2, "--resize"),
    (f"{KH} --resize 16x16", 2, "--resize"),
    (f"{KH} --normalize l0", 2, "--normalize: expected none, standard, lP with P of at least 1"),
    ("prune kh.safetensors --threshold -1", 2, "--threshold"),
    (f"{SHLP} --power 0", 2, "--power"),
    (f"{SHLP} --lr 1e29 --limit 50", 1, "lower"),
    (f"{SHLP} --batch-norm --limit 1", 1, "expected 2 images or more in every batch"),
    (f"{SHLP} --penalty l3=1", 2, "did you mean `l2`?"),
    (f"{SHLP} --penalty l2=1 --penalty l2=2", 2, "expected each penalty once"),
    (f"{SHLP} --penalty l2=-1", 2, "`coefficient`: expected a number of at least 0, found `-1`"),
    (
        f"{SHLP} --penalty l2=1,tau=2",
        2,
        "--penalty l2=1,tau=2: expected one of l2's options (coefficient), found `tau`",
    ),
    (
        f"{SHLP} --penalty spectral=1,taus=2",
        2,
        "layers, refresh, order), found `taus`",
    ),
    (
        f"{SHLP} --penalty spectral=1,order=rank",
        2,
        "`order`: expected sorted or vectors, found `rank`",
    ),
    (
        f"{SHLP} --penalty spectral=1,alpha=x",
        2,
        "`alpha`: expected a number such as 0.03 or 8/255, found `x`",
    ),
    (f"{SHLP} --adversarial fgms,eps=1", 2, "did you mean `fgsm`?"),
    ("train-sup --arch sklp", 2, "did you mean `shlp`?"),
    ("train-sup --arch shlp,hidden=0", 2, "--arch: expected options that shlp takes"),
    ("train-sup --arch shlp,hidden", 2, "expected key=value"),
    ("spectrum kh.safetensors --sizes 0,5", 2, "--sizes"),
    ("spectrum kh.safetensors --bootstrap -1", 2, "--bootstrap"),
    ("spectrum kh.safetensors --transform blur:3", 2, "expected noise:STD, pca:K, zca[:EPS]"),
    ("spectrum kh.safetensors --transform phase-scramble:2", 2, "without a number"),
    ("spectrum kh.safetensors --transform phase-scrambel", 2, "did you mean `phase-scramble`?"),
    ("spectrum kh.safetensors --transform noise:-1", 2, "expected noise:STD with a number"),
    ("spectrum kh.safetensors --transform pca:100", 1, "expected pca:K with K up to 64"),
    ("sensitivity bp.safetensors --ranks 0", 2, "--ranks"),
    ("sensitivity bp.safetensors --ranks 9", 1, "expected ranks up to 8"),
    ("sensitivity bp.safetensors --index -1", 2, "--index"),
    ("sensitivity bp.safetensors --index 360", 1, "expected --index below 360"),
    ("fit-alpha spectrum.npz --dimension 0", 2, "--dimension"),
    ("fit-alpha spectrum.npz --dimension nope.json", 1, "no such file or directory: nope.json"),
    ("fit-alpha spectrum.npz --dimension distances.npz", 1, "make one with `specrob dimension`"),
    ("dimension images --limit 19", 1, "expected at least 20 distinct points, found 19; use"),
    ("dimension images --discard 0.95", 2, "--discard: expected a number up to 0.9, found 0.95"),
    ("dimension x2.npz", 1, "found two repeats"),
    ("dimension images --null initial", 2, "--null: expected a model"),
    (
        "fit-alpha spectrum.npz --layer nope",
        1,
        "--layer: expected a layer of the spectrum, found `nope`; it has input",
    ),
    ("spectrum kh.safetensors --noise-std 0", 2, "--noise-std"),
    ("spectrum kh.safetensors --normalize l2", 2, "expected l3, which the model file records"),
    ("fit-alpha spectrum.npz --range 500:10", 2, "the reversed range `500:10`; write 10:500"),
    ("fit-alpha spectrum.npz --range 5:0", 2, "expected FIRST:LAST, for instance 10:500"),
    ("fit-alpha spectrum.npz --range 10:500", 1, "found 10 to 500; end it earlier"),
    ("fit-alpha spectrum.npz --range 1:5", 1, "fit-alpha: expected at least 10 ranks"),
    ("attack bp.safetensors --eps -0.1", 2, "expected a number of at least 0, found `-0.1`"),
    ("attack bp.safetensors --eps log:1:0.1:5", 2, "expected log:LO:HI:N"),
    ("attack bp.safetensors --method fgsm --steps 5", 2, "--steps: expected with pgd or minimal"),
    ("attack bp.safetensors --steps 0", 2, "--steps"),
    ("attack bp.safetensors --method noise --norm l2", 2, "--norm: expected no norm with noise"),
    (
        "attack bp.safetensors --method pgd,restarts=2",
        2,
        "--restarts: expected 1 without --random-start",
    ),
    ("attack bp.safetensors --levels 9 --bounds none", 2, "--levels: expected with bounds"),
    (
        "crit-dist bp.safetensors --method noise",
        2,
        "--method: expected random or fgsm or pgd or minimal",
    ),
    ("crit-dist bp.safetensors --method minimal --precision bfloat16", 2, "--precision: expected"),
    ("attack bp.safetensors --method fgms", 2, "did you mean `fgsm`?"),
    ("attack bp.safetensors --bounds 1:0", 2, "--bounds: expected valid, none or LO:HI"),
    ("crit-dist bp.safetensors --max-eps 0", 2, "--max-eps"),
    ("crit-dist bp.safetensors --tolerance 1e-30", 2, "--tolerance"),
    ("landscape bp.safetensors --index 100000", 1, "expected --index of one of the 360 images"),
    ("landscape bp.safetensors --points 0", 2, "--points"),
    ("landscape bp.safetensors --span -1", 2, "--span"),
    # the command line itself, the device, the output
    ("trian-kh", 2, "trian-kh"),
    ("--verbose", 2, "--verbose"),
    ("train-kh --hiden 5", 2, "--hidden"),
    ("train-kh cifar10.npz", 2, "found `cifar10.npz`; name images by --data cifar10.npz"),
    ("attack bp.safetensors kh.safetensors", 2, "no further argument, found `kh.safetensors`; d"),
    (
        "attack bp.safetensors --norm L2",
        2,
        "'--norm': expected l1 or l2 or linf, found `L2`; did you mean `l2`?",
    ),
    ("attack bp.safetensors --method PGD", 2, "found `PGD`; did you mean `pgd`?"),
    ("train-kh --hidden", 2, "--hidden"),
    ("info a b", 1, "no such file or directory: a"),
    ("info kh.safetensors b", 1, "no such file or directory: b"),
    ("fit-alpha spectrum.npz power-law.json", 2, "found `power-law.json`; drop it"),
    ("plot spectrum.npz --label a --label b", 2, "--label: expected one for each of 1 artifacts"),
    ("plot spectrum.npz -o figure.gif", 2, "expected a name in .png, .pdf or .svg"),
    (f"{KH} -o nope/model", 1, "expected a file in a writable folder"),
    (f"{SHLP} -o kh.safetensors/model", 1, "expected a file in a writable folder"),
    (
        "spectrum images -o s.json",
        2,
        "--output: expected a name in .npz for a spectrum, found `s.j",
    ),
    ("fit-alpha spectrum.npz -o alpha.npz", 2, "expected a name in .json for a power-law"),
    (f"{KH} -o kh.NPZ", 2, "expected a name in .safetensors for a model, found `kh.NPZ`"),
    (f"{KH} --checkpoint nope/kept", 1, "found no writable folder"),
    (f"{KH} --checkpoint -", 2, "--checkpoint: expected a file other than the output"),
    ("attack bp.safetensors --save nope/x.npz", 1, "change --save"),
    ("attack bp.safetensors --save x.json", 2, "--save: expected a name in .npz"),
    ("spectrum images -o .", 1, "found a folder; change --output"),
    ("prune kh.safetensors -o /proc/model", 1, "expected a writable output"),
    ("fit-alpha spectrum.npz -o /dev/full", 1, "no space left on device: /dev/full"),
    ("plot spectrum.npz -o nope/figure.png", 1, "nope/figure.png; choose another --output"),
    ("info spectrum.npz -o /", 1, ": /; choose another --output"),
)


def names_one_line(result, code, words):
    assert result.exit_code == code, result.stderr or result.exception
    assert isinstance(result.exception, SystemExit)
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("specrob")
    assert words in result.stderr


@pytest.mark.parametrize(("line", "code", "words"), ROWS, ids=[row[0][:70] for row in ROWS])
def test_bad_input_gives_one_line(bench, tmp_path, monkeypatch, line, code, words):
    kept = tmp_path / "kept.png"
    kept.write_bytes(b"whole")
    monkeypatch.chdir(bench)
    monkeypatch.syspath_prepend(bench)
    command, *rest = shlex.split(line)
    names_one_line(CliRunner().invoke(app, [command, "-o", str(kept), *rest]), code, words)
    assert kept.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("name", [name for name, _ in DAMAGE if name[:2] not in ("no", ".")])
def test_a_bad_pipe_is_a_bad_file(bench, tmp_path, command, name):
    words = [command, "-", "-o", str(tmp_path / "new.png")]
    result = CliRunner().invoke(app, words, input=(bench / name).read_bytes())
    names_one_line(result, 1, "stdin")
    assert not list(tmp_path.iterdir())


def test_other_images_are_taken_where_they_are_named(bench, monkeypatch, tmp_path):
    monkeypatch.chdir(bench)
    for name in ("other", "moved"):
        words = f"attack {name}.safetensors --data other.npz --eps 0 -o {tmp_path / name}"
        assert CliRunner().invoke(app, words.split()).exit_code == 0


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_there_is_named(bench, monkeypatch):
    monkeypatch.chdir(bench)
    result = CliRunner().invoke(app, ["spectrum", "kh.safetensors", "--device", "cuda"])
    names_one_line(result, 1, "expected the device `cuda`, found only")


def test_no_epochs_are_fine(tmp_path):
    for command in ("train-kh --hidden 4", "train-sup --arch linear"):
        words = [*command.split(), "--epochs", "0", "-o", str(tmp_path / "model")]
        assert CliRunner().invoke(app, words).exit_code == 0
