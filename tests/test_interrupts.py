"""Ctrl-C and SIGTERM in the moments in which no command runs."""

import signal
import subprocess
import sys

import pytest

# the program, in which something sends a signal to itself
SCRIPT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup

number = int(sys.argv[1])

def stop(*_, **__):
    os.kill(os.getpid(), number)

{change}
sys.argv = ["specrob", "--version"]
from specrob.__main__ import main
main()
"""
FIELD = "type('Field', (), {'__set_name__': stop})()"  # Python 3.11 hides what is raised there
CLASS = f"lambda *_: type('Record', (), {{'field': {FIELD}}})"
FINDER = "type('Finder', (), {'find_spec': stop})"
MOMENTS = {
    "imports": f"import specrob.__main__; sys.meta_path.insert(0, {FINDER})",
    "words": "from specrob import cli; cli.without_options = stop",
    "class": f"from specrob import cli; cli.without_options = {CLASS}",
    "context": "from typer.core import TyperGroup; TyperGroup.make_context = stop",
    "app": "from specrob import cli; cli.app = stop",
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_between_commands_ends_the_program_in_a_line(moment, number, code):
    if moment == "imports" and number != signal.SIGINT:
        code = -number  # nobody listens yet: Python ends at once
    words = [sys.executable, "-c", SCRIPT.format(change=MOMENTS[moment]), str(int(number))]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    if code > 0:
        (line,) = done.stderr.splitlines()
        assert line.startswith("specrob: ")


def test_what_nohup_ignores_stays_ignored():
    change = f"signal.signal(signal.SIGHUP, signal.SIG_IGN); {MOMENTS['words']}"
    script = SCRIPT.format(change=change)
    words = [sys.executable, "-c", script, str(int(signal.SIGHUP))]
    assert "stopped" not in subprocess.run(words, capture_output=True, text=True).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_program_ends_changes_nothing(number):
    script = SCRIPT.format(change="import atexit; atexit.register(lambda: (stop(), None))")
    done = subprocess.run(
        [sys.executable, "-c", script, str(int(number))], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("specrob ")
