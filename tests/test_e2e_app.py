"""The app as a person meets it: a real server, a real browser, clicks and keys. Skips loudly where
Chromium is missing."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

from optimizer import load_scenario, pipeline, run
from optimizer.report.files import write_csv
from optimizer.report.run import Run
from optimizer.report.words.text import money
from optimizer.ui.overview import WHAT_IFS

playwright = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: the app was NOT tried in a browser"
)
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage")
SECONDS = 120
GRID, EXCEPTION = "[data-testid=stDataFrame] .dvn-scroller", "[data-testid=stException]"
AT_WORK = "[data-testid=stSpinner], [data-testid=stStatusWidget]"
# `make test` installs Chromium where it may (tests/install_browser.sh: root on Debian); elsewhere nothing
# could drive the app. Said aloud in the summary of the run.
pytestmark = [
    pytest.mark.usefixtures("tables_once"),
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed: the app was NOT tried in a browser"
    ),
]


def shows(page, text: str) -> None:
    """Wait until the page shows a text and nothing is running; fail at once when an error box appears."""
    body = page.locator("body")

    def there() -> bool:
        assert page.locator(EXCEPTION).count() == 0, body.inner_text()
        return text in body.inner_text() and page.locator(AT_WORK).count() == 0

    try:
        until(there)
    except TimeoutError:
        raise AssertionError(f"{text!r} is not on the page:\n{body.inner_text()[:2000]}") from None


def opened(page, url: str, text: str) -> None:
    page.goto(url)
    shows(page, text)


def downloaded(page, button: str, path: Path) -> bytes:
    """What a button of that name brings home."""
    with page.expect_download() as told:
        page.get_by_role("button", name=button).click()
    assert told.value.suggested_filename == path.name
    told.value.save_as(path)
    return path.read_bytes()


def until(found: Callable[[], object], seconds: float = SECONDS) -> object:
    """The first truthy result."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.2)
    raise TimeoutError


@cache
def fresh(scenario: str, *settings: str) -> Run:
    return run(load_scenario(scenario, settings))


def total(scenario: str, *settings: str) -> str:
    return money(fresh(scenario, *settings).figures["total_cost"], "USD")


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


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(chromium):
    """A page of a person who was never here before."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1600}, locale="en-US")
    context.set_default_timeout(SECONDS * 1000)
    yield context.new_page()
    context.close()


def test_first_screen_shows_the_answer_and_three_what_ifs(server, page):
    opened(page, server, total("base"))
    for text in (
        "What after-sales work costs",
        "Proven within",
        "Cases: sample data",
        *(load_scenario(name).title["en"] for name in WHAT_IFS),
    ):
        shows(page, text)
    charts = page.locator("[data-testid=stVegaLiteChart]").locator("canvas, svg")
    until(lambda: charts.count() == 2)


def test_language_of_the_url_stays_from_page_to_page(server, page):
    opened(page, f"{server}/?lang=zh", total("base"))
    shows(page, "售后处理的费用")
    assert "Total cost" not in page.locator("body").inner_text()
    page.get_by_role("link", name="策略").click()
    shows(page, "下载整表（CSV）")
    page.wait_for_url(re.compile("/policy.*lang=zh"))
    opened(page, f"{server}/assumptions?lang=zh", "直接改写数值后点击「应用」")


def test_a_what_if_is_one_click(server, page):
    opened(page, f"{server}/?lang=en", total("base"))
    page.get_by_role("button", name="No warehouse in the United States").click()
    shows(page, total("no_us_warehouse"))
    for text in ("What moved", "Total of base", total("base")):
        shows(page, text)


def test_a_number_is_typed_over_and_applied_by_keyboard(server, page):
    opened(page, f"{server}/assumptions?lang=en", "Type over a value")
    search = page.locator("[data-testid=stTextInput] input")
    search.fill("contact.cost")
    search.press("Enter")
    grid = page.locator(GRID).first
    until(lambda: (grid.bounding_box() or {"height": 1e9})["height"] < 200)
    shows(page, "Type over a value")
    grid.click(position={"x": 30, "y": 52})  # the key of the only row; its value is two cells to the right
    for column in range(3):
        if column:
            page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"#glide-cell-{column}-0[aria-selected=true]", state="attached")
    page.keyboard.press("5")
    editor = page.locator("#portal input")
    until(lambda: editor.count() and editor.input_value() == "5")
    page.keyboard.press("Enter")
    shows(page, "contact.cost = 5 lies outside its usual range")
    shows(page, "Typed but not applied: 1")
    page.get_by_role("button", name="Apply", exact=True).click()
    shows(page, total("base", "contact.cost=5"))
    shows(page, "python -m optimizer run base --set contact.cost=5.0")
    shows(page, total("base"))


def test_the_policy_table_comes_home_as_a_file(server, page, tmp_path):
    opened(page, f"{server}/policy?lang=en", "Whole table as CSV")
    write_csv(fresh("base").policy(), tmp_path / "own.csv")
    found = downloaded(page, "Whole table as CSV", tmp_path / "policy.csv")
    assert found == (tmp_path / "own.csv").read_bytes()
    assert downloaded(page, "Workbook for Excel", tmp_path / "policy.xlsx")[:2] == b"PK"


def test_own_reports_are_uploaded_decided_and_the_policy_taken_home(server, page, tmp_path):
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

    opened(page, f"{server}/reports?lang=en", "What can be read")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(report)
    shows(page, "my_returns.txt: recognised as FBA customer returns (fba_returns)")
    page.locator(".st-key-market_0 input").click()
    page.keyboard.insert_text("Germany")
    page.keyboard.press("Enter")
    until(lambda: "Choose it above" not in page.locator("body").inner_text())
    page.get_by_role("button", name="Read these files").click()
    shows(page, "3 rows = 3 cases + 0 skipped + 0 rejected")
    page.get_by_role("button", name="Decide these 3 cases").click()
    shows(page, "Your own cases: 3 from my_returns.txt")
    shows(page, money(answer.figures["total_cost"], "USD"))
    assert "Ann Buyer" not in page.locator("body").inner_text()
    page.locator("[data-testid=stSidebarNav]").get_by_role("link", name="Policy").click()
    shows(page, "Whole table as CSV")
    found = downloaded(page, "Whole table as CSV", tmp_path / "policy.csv")
    assert found == (tmp_path / "own.csv").read_bytes()
    page.get_by_role("button", name="Back to the sample data").click()
    shows(page, "Cases: sample data")
