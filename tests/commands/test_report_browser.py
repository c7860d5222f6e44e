"""The report as a reader sees it: in a real browser, which is asked over its own pipe."""

import itertools
import json
import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium to look with"),
]


class Tab:
    """A page in the browser: commands go in, answers and events come out."""

    def __init__(self, sink, source):
        self.sink, self.source, self.events, self.session = sink, source, [], None
        self.counter = itertools.count(1)
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def message(self):
        parts = b""
        while not parts.endswith(b"\0"):
            parts += os.read(self.source, 1)
        return json.loads(parts[:-1])

    def ask(self, method, **params):
        number = next(self.counter)
        whole = {"id": number, "method": method, "params": params}
        whole |= {"sessionId": self.session} if self.session else {}
        os.write(self.sink, json.dumps(whole).encode() + b"\0")
        while (answer := self.message()).get("id") != number:
            self.events.append(answer)
        return answer["result"]

    def go(self, url):
        self.ask("Page.navigate", url=url)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())

    def value(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")


@contextmanager
def browser(folder):
    """Open a browser without a window, told through descriptors 3 and 4."""
    (to_read, to_write), (from_read, from_write) = os.pipe(), os.pipe()
    flags = "--headless=new --no-sandbox --disable-gpu --remote-debugging-pipe"
    command = f'exec "{BROWSER}" {flags} --user-data-dir="{folder}" 3<&{to_read} 4>&{from_write}'
    process = subprocess.Popen(
        ["bash", "-c", command], pass_fds=(to_read, from_write), stderr=subprocess.DEVNULL
    )
    os.close(to_read)
    os.close(from_write)
    try:
        yield Tab(to_write, from_read)
    finally:
        process.terminate()
        process.wait(30)
        os.close(to_write)
        os.close(from_read)


def test_what_a_reader_sees(run, models, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    for name in ("hybrid", "shlp"):
        path = folder / f"{name}.safetensors"
        path.write_bytes(models[name].read_bytes())
        run("crit-dist", path, "--limit", 40, "-o", folder / f"{name}.pgd.npz")
    run("plot", folder / "shlp.pgd.npz", "-o", folder / "<script>alert(1)<.svg")
    report = tmp_path / "report.html"
    run("report", folder, "-o", report)
    with browser(tmp_path / "profile") as tab:
        tab.go(report.as_uri())
        assert tab.value("document.title") == "Results in results"
        cells = "[...document.querySelectorAll('tbody tr')].map(r => r.innerText)"
        rows = tab.value(cells)
        assert len([row for row in rows if row.startswith("hybrid")]) == 2
        images = tab.value("[...document.images].map(i => [i.alt, i.naturalWidth, i.width])")
        assert [title for title, *_ in images] == [
            "Training of hybrid, shlp",
            "Critical distances: PGD, L∞ of hybrid",
            "Critical distances: PGD, L∞ of shlp",
            "Figure in the folder: <script>alert(1)<.svg",
        ]
        assert all(natural > 100 and shown > 100 for _, natural, shown in images)
        assert tab.value("document.documentElement.scrollWidth <= innerWidth")
        tab.value("document.querySelector('td a').click()")
        assert tab.value("location.hash").startswith("#source-")
        assert tab.value("document.querySelector(':target h3').innerText")
        asked = [
            event["params"]["request"]["url"]
            for event in tab.events
            if event.get("method") == "Network.requestWillBeSent"
        ]
        assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
        methods = {event.get("method") for event in tab.events}
        assert not methods & {"Log.entryAdded", "Runtime.exceptionThrown"}
        assert not methods & {"Runtime.consoleAPICalled", "Page.javascriptDialogOpening"}
