"""The app as a person meets it: a real server, a real browser, clicks and keys. Skips loudly where
Chromium is missing."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

from optimizer import load_scenario, pipeline, run
from optimizer.report.files import write_csv
from optimizer.report.run import Run
from optimizer.report.words.text import money
from optimizer.ui.overview import WHAT_IFS

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)
SECONDS = 120
websockets = pytest.importorskip(
    "websockets.sync.client", reason="websockets is not installed: the app was NOT tried in a browser"
)
NO_BROWSER = f"{CHROMIUM} is not installed: the app was NOT tried in a browser"
# `make test` installs it where it may (tests/install_browser.sh: root on Debian); elsewhere nothing could
# drive the app.
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=NO_BROWSER
)  # said aloud in the summary of the run


class Browser:
    """Chromium driven through its DevTools protocol."""

    def __init__(self, folder: Path):
        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = until(
                lambda: (
                    (folder / "DevToolsActivePort").exists()
                    and (folder / "DevToolsActivePort").read_text().split("\n")[0]
                )
            )
            pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json"))
            address = next(p for p in pages if p["type"] == "page")["webSocketDebuggerUrl"]
            self.stack = ExitStack()
            self.socket = self.stack.enter_context(websockets.connect(address, max_size=None))
        except BaseException:
            self.process.terminate()
            raise
        self.numbers = itertools.count(1)
        self("Page.enable")
        self("Emulation.setDeviceMetricsOverride", width=1440, height=1600, deviceScaleFactor=1, mobile=False)

    def __call__(self, method: str, **parameters) -> dict:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=SECONDS))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def js(self, expression: str):
        return self("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def text(self) -> str:
        return self.js("document.body.innerText") or ""

    def open(self, url: str, shows: str) -> None:
        self("Page.navigate", url=url)
        self.shows(shows)

    def shows(self, text: str) -> None:
        """Wait until the page shows a text and nothing is running; fail at once when an error box appears."""

        def there() -> bool:
            assert not self.js("document.querySelector('[data-testid=stException]')?.innerText"), self.text()
            return text in self.text() and not self.js(
                "document.querySelector('[data-testid=stSpinner], [data-testid=stStatusWidget]') !== null"
            )

        try:
            until(there)
        except TimeoutError:
            raise AssertionError(f"{text!r} is not on the page:\n{self.text()[:2000]}") from None

    def click(self, element: str, right: float = 0.5, down: float = 0.5) -> None:
        """Click an element given by an expression; a share up to 1 or pixels from its left and top."""
        where = (
            f"(() => {{const e = {element}; if (!e) return null; e.scrollIntoView({{block: 'center'}}); "
            "const r = e.getBoundingClientRect(); return r.width ? [r.x, r.y, r.width, r.height] : null})()"
        )

        def at_rest():  # a page that still moves would take the click elsewhere
            place = self.js(where)
            time.sleep(0.3)
            return place if place == self.js(where) else None

        x, y, width, height = until(at_rest)
        at = {
            "x": x + (right if right > 1 else width * right),
            "y": y + (down if down > 1 else height * down),
            "button": "left",
            "clickCount": 1,
        }
        self("Input.dispatchMouseEvent", type="mousePressed", **at)
        self("Input.dispatchMouseEvent", type="mouseReleased", **at)

    def choose_files(self, *files: Path) -> None:
        """Hand files to the uploader, as its file dialogue would."""
        uploader = "document.querySelector('[data-testid=stFileUploader] input[type=file]')"
        field = until(lambda: self("Runtime.evaluate", expression=uploader)["result"].get("objectId"))
        self("DOM.setFileInputFiles", files=[str(f) for f in files], objectId=field)

    def key(self, name: str, code: int, text: str = "") -> None:
        self(
            "Input.dispatchKeyEvent",
            type="keyDown",
            key=name,
            windowsVirtualKeyCode=code,
            **({"text": text} if text else {}),
        )
        self("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)

    def close(self) -> None:
        self.stack.close()
        self.process.terminate()
        self.process.wait(SECONDS)


def until(found, seconds: float = SECONDS):
    """The first truthy result."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.2)
    raise TimeoutError


def holding(tag: str, text: str) -> str:
    """Expression for the first element of a kind that shows a text."""
    return f"[...document.querySelectorAll('{tag}')].find(e => e.innerText.includes({json.dumps(text)}))"


@cache
def fresh(scenario: str, *settings: str) -> Run:
    return run(load_scenario(scenario, settings))


def total(scenario: str, *settings: str) -> str:
    return money(fresh(scenario, *settings).summary["total_cost"], "USD")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with log.open("w") as file:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.port",
                str(port),
                "--server.address",
                "127.0.0.1",
                "--server.headless",
                "true",
                "--server.fileWatcherType",
                "none",
                "--browser.gatherUsageStats",
                "false",
            ],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
        )

        def answers() -> bool:
            assert process.poll() is None, log.read_text()
            try:
                return (
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5).status == 200
                )
            except OSError:
                return False

        try:
            until(answers)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(SECONDS)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def browser(tmp_path):
    opened = Browser(tmp_path / "profile")
    yield opened
    opened.close()


def test_first_screen_shows_the_answer_and_three_what_ifs(server, browser):
    browser.open(server, total("base"))
    for text in (
        "What after-sales work costs",
        "Proven within",
        "Cases: sample data",
        *(load_scenario(name).title["en"] for name in WHAT_IFS),
    ):
        browser.shows(text)
    until(
        lambda: (
            browser.js(
                "document.querySelectorAll('[data-testid=stVegaLiteChart] canvas,"
                " [data-testid=stVegaLiteChart] svg').length"
            )
            == 2
        )
    )


def test_language_of_the_url_stays_from_page_to_page(server, browser):
    browser.open(f"{server}/?lang=zh", total("base"))
    browser.shows("售后处理的费用")
    assert "Total cost" not in browser.text()
    browser.click(holding("a", "策略"))
    browser.shows("下载整表（CSV）")
    assert until(lambda: "lang=zh" in browser.js("location.href")) and "/policy" in browser.js(
        "location.href"
    )
    browser.open(f"{server}/assumptions?lang=zh", "直接改写数值后点击「应用」")


def test_a_what_if_is_one_click(server, browser):
    browser.open(f"{server}/?lang=en", total("base"))
    browser.click(holding("button", "No warehouse in the United States"))
    browser.shows(total("no_us_warehouse"))
    for text in ("What moved", "Total of base", total("base")):
        browser.shows(text)


def test_a_number_is_typed_over_and_applied_by_keyboard(server, browser):
    browser.open(f"{server}/assumptions?lang=en", "Type over a value")
    browser.click("document.querySelector('[data-testid=stTextInput] input')")
    browser("Input.insertText", text="contact.cost")
    browser.key("Enter", 13)
    grid = "document.querySelector('[data-testid=stDataFrame] canvas')"
    until(lambda: browser.js(f"{grid} && {grid}.getBoundingClientRect().height < 200"))
    browser.click(grid, right=30, down=52)  # the key of the only row; its value is two cells to the right
    for column in range(3):
        if column:
            browser.key("ArrowRight", 39)
        cell = f"document.querySelector('#glide-cell-{column}-0')?.ariaSelected"
        until(lambda cell=cell: browser.js(cell) == "true")
    browser.key("5", 53, "5")
    until(lambda: browser.js("document.querySelector('#portal input')?.value") == "5")
    browser.key("Enter", 13)
    browser.shows("contact.cost = 5 lies outside its usual range")
    browser.shows("Typed but not applied: 1")
    browser.click(holding("button", "Apply"))
    browser.shows(total("base", "contact.cost=5"))
    browser.shows("python -m optimizer run base --set contact.cost=5.0")
    assert total("base") in browser.text()


def test_the_policy_table_comes_home_as_a_file(server, browser, tmp_path):
    browser.open(f"{server}/policy?lang=en", "Whole table as CSV")
    browser("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.click(holding("button", "Whole table as CSV"))
    until((tmp_path / "policy.csv").exists)
    write_csv(fresh("base").policy(), tmp_path / "own.csv")
    until(lambda: (tmp_path / "policy.csv").stat().st_size == (tmp_path / "own.csv").stat().st_size)
    assert (tmp_path / "policy.csv").read_bytes() == (tmp_path / "own.csv").read_bytes()
    browser.click(holding("button", "Workbook for Excel"))
    until((tmp_path / "policy.xlsx").exists)
    assert until(lambda: (tmp_path / "policy.xlsx").read_bytes()[:2] == b"PK")


def test_own_reports_are_uploaded_decided_and_the_policy_taken_home(server, browser, tmp_path):
    report = tmp_path / "my_returns.txt"
    rows = [
        f"2026-03-{day:02d}|302-{day}|ROLLER-1|X1|1|{found}|DEFECTIVE|LPN-{day}|Ann Buyer"
        for day, found in ((2, "SELLABLE"), (3, "DEFECTIVE"), (4, "DAMAGED"))
    ]
    header = (
        "return-date|order-id|sku|fnsku|quantity|detailed-disposition|reason|license-plate-number|buyer-name"
    )
    report.write_text("\n".join([header, *rows]).replace("|", "\t"), encoding="utf-8")
    book = load_scenario("base")
    write_csv(pipeline.import_cases("fba_returns", [report], book, market="DE").cases, tmp_path / "cases.csv")
    answer = run(book, [tmp_path / "cases.csv"])
    write_csv(answer.policy(), tmp_path / "own.csv")

    browser.open(f"{server}/reports?lang=en", "What can be read")
    browser.choose_files(report)
    browser.shows("my_returns.txt: recognised as FBA customer returns (fba_returns)")
    browser.click("document.querySelector('.st-key-market_0 input')")
    browser("Input.insertText", text="Germany")
    browser.key("Enter", 13)
    until(lambda: "Choose it above" not in browser.text())
    browser.click(holding("button", "Read these files"))
    browser.shows("3 rows = 3 cases + 0 skipped + 0 rejected")
    browser.click(holding("button", "Decide these 3 cases"))
    browser.shows("Your own cases: 3 from my_returns.txt")
    browser.shows(money(answer.figures["total_cost"], "USD"))
    assert "Ann Buyer" not in browser.text()
    browser.click(holding("[data-testid=stSidebarNav] a", "Policy"))
    browser.shows("Whole table as CSV")
    browser("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.click(holding("button", "Whole table as CSV"))
    until(
        lambda: (
            (tmp_path / "policy.csv").exists()
            and (tmp_path / "policy.csv").stat().st_size == (tmp_path / "own.csv").stat().st_size
        )
    )
    assert (tmp_path / "policy.csv").read_bytes() == (tmp_path / "own.csv").read_bytes()
    browser.click(holding("button", "Back to the sample data"))
    browser.shows("Cases: sample data")
