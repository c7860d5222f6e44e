"""Real processes, joined and cut: pipes, terminals, full disks, Ctrl-C."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from specrob.artifacts import decode, read
from specrob.cli import app

SPECROB = [sys.executable, "-m", "specrob"]
ANSI = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def shop(workshop, monkeypatch):
    """Return the folder of good artifacts, as the current one."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    monkeypatch.chdir(workshop)
    return workshop


def bash(script, program=f'"{sys.executable}" -m specrob', **how):
    """Return what a shell script answers; `specrob` in it is this checkout's."""
    head = f'set -o pipefail; specrob() {{ {program} "$@"; }}; '
    return subprocess.run(["bash", "-c", head + script], capture_output=True, check=False, **how)


def specrob(*words, code=0, **how):
    result = CliRunner().invoke(app, [str(word) for word in words], **how)
    assert result.exit_code == code, result.stderr
    return result


def on_a_terminal(words, *, until=b"", then=None, **streams):
    """Run specrob with a terminal on stderr, and on the streams named; return code and talk."""
    ours, theirs = pty.openpty()
    ends = {name: theirs for name, where in streams.items() if where == "terminal"}
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | ends
    env = dict(os.environ, TERM="xterm", COLUMNS="200")
    heed = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    process = subprocess.Popen([*SPECROB, *words], stderr=theirs, env=env, **given, **heed)
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
        if then and until in said:
            process.send_signal(then)
            then = None
    os.close(ours)
    if process.stdout:
        process.stdout.close()
    return process.wait(60), said


def test_layer_pruned_and_read_out(tmp_path, warm):
    done = bash(
        "specrob train-kh --hidden 8 --epochs 2 | specrob prune --threshold 9 "
        "| specrob train-sup --epochs 1 -o model.safetensors",
        warm / "specrob",
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    said = done.stderr.decode().splitlines()
    warned = [line for line in said if line.startswith("specrob train-kh: warning: ")]
    assert len(warned) == 1  # two epochs are too few
    assert [line.split(":")[0] for line in sorted({*said} - {*warned})] == [
        *("specrob prune", "specrob train-kh", "specrob train-sup")
    ]
    assert done.stdout == b""
    model = read(str(tmp_path / "model.safetensors"))
    assert model.fields["arch"] == "hybrid"
    assert model.provenance.script() == [
        "specrob train-kh --hidden 8 --epochs 2 | specrob prune --threshold 9 "
        "| specrob train-sup --epochs 1 -o model.safetensors"
    ]


def test_spectrum_fitted(shop, warm):
    pipe = "specrob spectrum kh.safetensors --layer input -q | specrob fit-alpha -q"
    done = bash(pipe, warm / "specrob")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1  # one line in a pipe
    assert json.loads(done.stdout)["fits"][0]["alpha"] > 0


def test_a_failure_upstream_is_said_once_by_each(shop):
    done = bash("specrob spectrum nope.npz | specrob fit-alpha")
    assert done.returncode == 1
    assert sorted(done.stderr.decode().splitlines()) == [
        "specrob fit-alpha: expected an artifact in stdin, found nothing; "
        "check the command before it, or name a file",
        "specrob spectrum: expected a readable file, found no such file or directory: nope.npz; "
        "check the path",
    ]


def test_attack_answers_with_json(shop):
    found = specrob("attack", "bp.safetensors", "--method", "random", "--eps", "0", "--limit", 20)
    assert json.loads(found.stdout)["eps"] == [0.0]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["prune", "--threshold", "9"], "kh.safetensors"),
        (["train-sup", "--epochs", "0"], "kh.safetensors"),
        (["spectrum", "--limit", "50"], "kh.safetensors"),
        (["fit-alpha"], "spectrum.npz"),
        (["attack", "--method", "fgsm", "--eps", "0.1", "--limit", "20"], "bp.safetensors"),
        (["crit-dist", "--method", "fgsm", "--limit", "20"], "bp.safetensors"),
        (["landscape", "--points", "2"], "bp.safetensors"),
        (["smoothness", "--limit", "5"], "bp.safetensors"),
        (["dimension", "--limit", "40"], "bp.safetensors"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)
def test_stdin_and_a_file_are_the_same(shop, tmp_path, words, name):
    command, *rest = words
    piped = (shop / name).read_bytes()
    found = [
        specrob(command, name, *rest).stdout_bytes,
        specrob(command, *rest, input=piped).stdout_bytes,
        specrob(command, "-", *rest, input=piped).stdout_bytes,
    ]
    specrob(command, *rest, "-o", tmp_path / "file", input=piped)
    digests = {decode(answer).digest for answer in found} | {read(str(tmp_path / "file")).digest}
    assert len(digests) == 1


@pytest.mark.parametrize("command", ["info", "plot"])
def test_what_is_shown_is_the_same_from_stdin(shop, command):
    whole = (shop / "spectrum.npz").read_bytes()
    label = ["--label", "a"] if command == "plot" else []
    shown = specrob(command, "spectrum.npz", *label).stdout_bytes
    assert specrob(command, "-", *label, input=whole).stdout_bytes == shown


@pytest.mark.parametrize("words", ["info kh.safetensors", "fit-alpha spectrum.npz -q", "--help"])
def test_a_closed_pipe_ends_without_a_word(shop, words):
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [*SPECROB, *words.split()], stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_head_takes_what_it_wants(shop, unbuffered):
    env = dict(os.environ, PYTHONUNBUFFERED=unbuffered)
    done = bash("specrob landscape bp.safetensors --points 400 | head -c 1", env=env)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"P", b"")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("specrob info kh.safetensors > /dev/full", b"no space left on device: stdout"),
        ("specrob fit-alpha spectrum.npz > /dev/full", b"no space left on device: stdout"),
        ("specrob fit-alpha spectrum.npz -o /dev/full", b"no space left on device: /dev/full"),
        ("specrob info kh.safetensors >&-", b"expected an open stdout, found it closed"),
        ("specrob --help > /dev/full", b"found a full disk"),
        ("specrob --version > /dev/full", b"found a full disk"),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_no_room_for_the_output_is_one_line(shop, script, words, unbuffered):
    done = bash(script, env=dict(os.environ, PYTHONUNBUFFERED=unbuffered))
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("words", "terminal"),
    [("info", "stdin"), ("train-sup", "stdin"), ("train-kh", "stdout"), ("plot x", "stdout")],
)
def test_a_terminal_is_no_pipe(words, terminal):
    code, said = on_a_terminal(words.split(), **{terminal: "terminal"})
    assert code == 2
    assert b"found a terminal" in said
    assert said.count(b"\n") == 1


def test_ctrl_c_in_mid_training(tmp_path):
    kept = tmp_path / "kept"
    kept.write_bytes(b"whole")
    words = ["train-kh", "--hidden", "8", "--epochs", "1000000", "-o", str(kept)]
    code, said = on_a_terminal(words, until=b"local learning", then=signal.SIGINT)
    assert code == 130
    *_, seen = said.split(b"\x1b[2K")  # what stands after the last erased line
    assert (
        ANSI.sub(b"", seen).strip() == b"specrob train-kh: interrupted; the result was not written"
    )
    assert said.count(b"\x1b[?25l") == said.count(b"\x1b[?25h") == 1  # the cursor is back
    assert kept.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (OSError(28, "Full"), 1)])
def test_an_interrupted_write_leaves_the_old_file(shop, tmp_path, monkeypatch, error, code):
    kept = tmp_path / "kept"
    kept.write_bytes(b"whole")

    def fail(descriptor):
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    result = specrob("prune", "kh.safetensors", "-o", kept, code=code)
    assert len(result.stderr.splitlines()) == 1
    assert kept.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_symlink_stays_one(shop, tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to("target")
    specrob("prune", "kh.safetensors", "--threshold", 9, "-o", link)
    assert link.is_symlink()
    assert read(str(target)).kind == "model"
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_fifo_is_written_to(shop, tmp_path):
    fifo, got = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()))
    reader.start()
    specrob("fit-alpha", "spectrum.npz", "-o", fifo)
    reader.join(60)
    assert decode(got[0]).kind == "power-law"
    assert fifo.is_fifo()


def test_dev_stdout_is_stdout(shop):
    done = bash("specrob fit-alpha spectrum.npz -q -o /dev/stdout | cat")
    assert json.loads(done.stdout)["kind"] == "power-law"


@pytest.mark.parametrize("words", ["fit-alpha spectrum.npz", "prune kh.safetensors"])
def test_quiet_says_nothing(shop, words):
    assert specrob(*words.split(), "--quiet").stderr == ""
    _, *warnings = specrob(*words.split()).stderr.splitlines()
    assert all(line.split(": ")[1] == "warning" for line in warnings)


def test_colour_is_for_terminals_that_want_it(shop):
    env = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "NO_COLOR")}
    for words in ("--help", "prune nope", "fit-alpha spectrum.npz"):
        done = subprocess.run(
            [*SPECROB, *words.split()], capture_output=True, check=False, env=env
        )
        assert b"\x1b" not in done.stdout + done.stderr


def test_no_color_is_obeyed_on_a_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    _, said = on_a_terminal(["--help"], stdout="terminal")
    assert b"train-kh" in said
    assert not re.search(rb"\x1b\[[0-9;]*3[0-7]m", said)
