"""The report as a reader sees it, in the Chromium of the system."""

import json
import shutil

import pytest

webdriver = pytest.importorskip("selenium.webdriver")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (BROWSER and DRIVER), reason="no Chromium with its driver"),
]


@pytest.fixture
def browser():
    """Return a browser without a window, which records what it asks for and complains about."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def requests(driver):
    """Return the addresses that the browser has asked for, without data in the page itself."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [s["request"]["url"] for s in sent if not s["request"]["url"].startswith("data:")]


def test_what_a_reader_sees(run, models, tmp_path, browser):
    folder = tmp_path / "results"
    folder.mkdir()
    for name in ("hybrid", "shlp"):
        path = folder / f"{name}.safetensors"
        path.write_bytes(models[name].read_bytes())
        run("crit-dist", path, "--limit", 40, "-o", folder / f"{name}.pgd.npz")
    run("plot", folder / "shlp.pgd.npz", "-o", folder / "<script>alert(1)<.svg")
    report = tmp_path / "report.html"
    run("report", folder, "-o", report)
    browser.get(report.as_uri())
    assert browser.title == "Results in results"
    rows = [row.text for row in browser.find_elements("css selector", "tbody tr")]
    assert len([row for row in rows if row.startswith("hybrid")]) == 2
    images = browser.find_elements("tag name", "img")
    assert [image.get_attribute("alt") for image in images] == [
        "Training of hybrid, shlp",
        "Critical distances: PGD, L∞ of hybrid",
        "Critical distances: PGD, L∞ of shlp",
        "Figure in the folder: <script>alert(1)<.svg",
    ]
    assert all(image.size["width"] > 100 for image in images)
    assert all(int(image.get_property("naturalWidth")) > 100 for image in images)
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    browser.find_element("css selector", "td a").click()
    assert "#source-" in browser.current_url
    assert browser.find_element("css selector", ":target h3").text
    assert requests(browser) == [report.as_uri()]
    assert browser.get_log("browser") == []  # neither errors nor a blocked request
