"""The report in a browser: from a file, with the network off, on a desktop and on a phone.

`make report-test` installs what this needs, Chromium and its driver, and runs it; `make test` does not.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import benchmark_documents as benchmarks
import pytest
import report_pages as pages
import wavenet_models
from click.testing import CliRunner
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tfopt.cli import cli
from tfopt.profiler import results

SECONDS = 2.0
PHONE = 360  # CSS pixels
# Of each chart: its marks, how wide it is, and how far to the right its texts reach beyond it.
CHARTS = """
return [...document.querySelectorAll(".plot")].filter(
  plot => !plot.closest("details:not([open])")).map(plot => {
  const box = plot.getBoundingClientRect();
  const marks = [...plot.querySelectorAll(".cartesianlayer path[d], .cartesianlayer image")].filter(
    mark => mark.getBoundingClientRect().width > 0);
  const texts = [...plot.querySelectorAll("text")].filter(
    text => text.getBoundingClientRect().width > 0);
  return {
    name: plot.ariaLabel, marks: marks.length, box: box.width,
    drawn: plot.querySelector("svg.main-svg").getBoundingClientRect().width,
    beyond: Math.max(...texts.map(text => text.getBoundingClientRect().right)) - box.right,
    before: box.left - Math.min(...texts.map(text => text.getBoundingClientRect().left)),
    ink: getComputedStyle(texts[0]).fill,
  };
});
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed results, and audio that a small WaveNet with random weights generates."""
    made = tmp_path_factory.mktemp("results")
    pages.copy_committed(made)
    pages.write(made, again=pages.committed("g2p_types"), study=benchmarks.study())
    pages.write(made, kernels=benchmarks.kernels(tmp_path_factory.mktemp("programs")))
    pages.write(made, blocks=pages.committed("block_shapes"))
    model = tmp_path_factory.mktemp("model") / "plain"
    wavenet_models.write(model, "plain")
    options = ["--backend", "native", "--seconds", str(SECONDS), "--out", str(made / "noise.wav")]
    done = CliRunner().invoke(cli, ["generate", "--model", str(model), *options])
    assert done.exit_code == 0, done.output
    (made / "noise.txt").write_text("A small WaveNet with random weights.")
    done = pages.report(made)
    assert done.exit_code == 0, done.output
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument("--autoplay-policy=no-user-gesture-required")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's own does not work as root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert program, "needs Chromium: make report-test installs it"
    assert driver, "needs chromium-driver: make report-test installs it"
    options.binary_location = program
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as started:
        started.execute_cdp_cmd("Network.enable", {})
        conditions = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        started.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
        yield started


@pytest.fixture
def opened(browser: webdriver.Chrome, folder: Path) -> webdriver.Chrome:
    """The page on a desktop, light."""
    show(browser, folder)
    return browser


def show(browser: webdriver.Chrome, folder: Path, width: int = 1200, theme: str = "light") -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    media = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    browser.get((folder / "report.html").as_uri())


def charts(browser: webdriver.Chrome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.execute_script(CHARTS)
    return found


def log(browser: webdriver.Chrome, name: str) -> list[dict[str, Any]]:
    """What the browser has noted since it was last asked."""
    found: list[dict[str, Any]] = browser.get_log(name)  # type: ignore[no-untyped-call]
    return found


def asked_for(browser: webdriver.Chrome) -> list[str]:
    """The addresses that the browser wanted since it was last asked."""
    messages = [json.loads(one["message"])["message"] for one in log(browser, "performance")]
    wanted = [one for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [one["params"]["request"]["url"] for one in wanted]


def assert_clean(browser: webdriver.Chrome) -> None:
    """Nothing was complained of in the console, and nothing but the page was asked for."""
    assert [entry["message"] for entry in log(browser, "browser")] == []
    addresses = asked_for(browser)
    assert any(address.endswith("/report.html") for address in addresses)
    assert all(address.startswith(("file:", "data:")) for address in addresses), addresses


def test_it_opens_without_an_error_and_asks_for_nothing(opened: webdriver.Chrome) -> None:
    assert opened.title == "tfopt: results"
    assert not opened.execute_script("return navigator.onLine")
    assert_clean(opened)


def test_every_chart_is_drawn(opened: webdriver.Chrome) -> None:
    found = charts(opened)
    folded = len(opened.find_elements(By.CSS_SELECTOR, "details .plot"))
    assert folded == 4  # both models of the second g2p run
    assert len(found) == len(opened.find_elements(By.CLASS_NAME, "plot")) - folded > 20
    for chart in found:
        assert chart["marks"] > 0, chart
        assert chart["drawn"] == pytest.approx(chart["box"], abs=1), chart
        assert max(chart["beyond"], chart["before"]) < 2, chart


def test_what_is_folded_is_drawn_when_it_opens(opened: webdriver.Chrome) -> None:
    before = len(charts(opened))
    for details in opened.find_elements(By.TAG_NAME, "details"):
        details.find_element(By.TAG_NAME, "summary").click()
    wait_for(lambda: all(one["marks"] for one in charts(opened)[before:]))
    assert len(charts(opened)) == before + 4


def wait_for(condition: Any) -> None:
    """Waits until something holds; a browser that has not got there in 20 s never will."""
    for _ in range(200):
        try:
            if condition():
                return
        except Exception:  # noqa: S110 (not drawn yet)
            pass
        time.sleep(0.1)
    assert condition()


def number(element: WebElement, name: str) -> float:
    """A property of an element."""
    return float(str(element.get_property(name)))


def column(table: WebElement, place: int) -> list[str]:
    cells = table.find_elements(By.CSS_SELECTOR, f"tbody tr > :nth-child({place + 1})")
    return [cell.text for cell in cells]


def test_tables_are_sorted_by_click_and_by_key(opened: webdriver.Chrome) -> None:
    table = opened.find_element(By.CSS_SELECTOR, "#Ladder table")
    headings = table.find_elements(By.CSS_SELECTOR, "thead th")
    model = next(iter(results.read(pages.RESULTS / "g2p_types.json").models.values()))
    measured = dict(model.measured)
    assert column(table, 0) == list(measured)
    by_time = sorted(measured, key=lambda rung: measured[rung].latency_s.median)

    time_heading = headings[1].find_element(By.TAG_NAME, "button")
    time_heading.click()
    assert column(table, 0) == by_time
    assert headings[1].get_attribute("aria-sort") == "ascending"
    time_heading.click()
    assert column(table, 0) == by_time[::-1]
    assert headings[1].get_attribute("aria-sort") == "descending"

    headings[0].find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    # Numbers in names count as numbers: int8 comes before int16.
    numbers = {name: [int(n) for n in re.findall(r"\d+", name)] for name in measured}
    by_name = sorted(measured, key=lambda name: (re.sub(r"\d+", "", name), numbers[name]))
    assert column(table, 0) == by_name
    assert headings[0].get_attribute("aria-sort") == "ascending"
    assert headings[1].get_attribute("aria-sort") is None
    headings[1].find_element(By.TAG_NAME, "button").send_keys(Keys.SPACE)
    assert column(table, 0) == by_time


def test_cells_without_a_figure_come_last(opened: webdriver.Chrome) -> None:
    table = opened.find_element(By.CSS_SELECTOR, "#Realtime table")
    button = table.find_elements(By.CSS_SELECTOR, "thead button")[2]
    assert button.text == "measured"
    for _ in range(2):
        button.click()
        values = column(table, 2)
        figures = [float(value.replace(",", "")) for value in values if value]
        assert 3 < len(figures) < len(values)
        assert all(values[: len(figures)])
    assert figures == sorted(figures, reverse=True)


def test_light_and_dark(browser: webdriver.Chrome, folder: Path) -> None:
    """The page follows the system, then the button; charts follow the page."""
    seen = {}
    for theme in ("light", "dark"):
        show(browser, folder, theme=theme)
        seen[theme] = colours(browser)
        browser.find_element(By.ID, "theme").click()
        seen[f"not {theme}"] = colours(browser)
    assert seen["light"] == seen["not dark"]
    assert seen["dark"] == seen["not light"]
    for light, dark in zip(seen["light"], seen["dark"], strict=True):
        assert light != dark
    # The system changes its mind while the page is open. Each change is waited for: Chromium looks at
    # media once a frame, and two changes within one frame are none.
    show(browser, folder, theme="light")
    for theme in ("dark", "light"):
        media = [{"name": "prefers-color-scheme", "value": theme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
        wait_for(lambda theme=theme: colours(browser) == seen[theme])


def colours(browser: webdriver.Chrome) -> list[str]:
    """Of the page, its text, the texts of a chart, and a mark."""
    found: list[str] = browser.execute_script(
        """
        const page = getComputedStyle(document.body);
        const point = document.querySelector("#Ladder .scatterlayer .point");
        const text = document.querySelector("#Ladder .ytick text");
        return [page.backgroundColor, page.color, getComputedStyle(text).fill,
          getComputedStyle(point).fill];
        """
    )
    return found


def test_audio_plays(opened: webdriver.Chrome) -> None:
    (player,) = opened.find_elements(By.TAG_NAME, "audio")
    assert player.get_attribute("controls") is not None
    wait_for(lambda: number(player, "duration") == pytest.approx(SECONDS, abs=0.01))
    assert player.get_property("error") is None
    opened.execute_script("arguments[0].play()", player)
    wait_for(lambda: player.get_property("ended"))
    assert number(player, "currentTime") == pytest.approx(SECONDS, abs=0.01)
    assert_clean(opened)


def test_it_fits_a_phone(browser: webdriver.Chrome, folder: Path) -> None:
    show(browser, folder, width=PHONE)
    assert browser.execute_script("return document.documentElement.scrollWidth") == PHONE
    for chart in charts(browser):
        assert chart["box"] < PHONE
        assert chart["drawn"] == pytest.approx(chart["box"], abs=1), chart
        assert max(chart["beyond"], chart["before"]) < 2, chart
    # A table that is wider scrolls in its own box, which the keyboard can reach.
    box = browser.find_element(By.CSS_SELECTOR, "#Ladder .scroll")
    assert number(box, "scrollWidth") > number(box, "clientWidth")
    box.send_keys(Keys.ARROW_RIGHT)
    wait_for(lambda: number(box, "scrollLeft") > 0)


def test_charts_follow_the_width_of_the_window(opened: webdriver.Chrome) -> None:
    size = {"width": 700, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wait_for(lambda: all(abs(one["drawn"] - one["box"]) <= 1 for one in charts(opened)))
    assert opened.execute_script("return document.documentElement.scrollWidth") == 700


def test_on_paper_it_is_light_and_narrow(browser: webdriver.Chrome, folder: Path) -> None:
    show(browser, folder, theme="dark")
    before = charts(browser)
    light = "document.documentElement.dataset.theme"
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(f"return {light}") == "light"
    assert max(chart["drawn"] for chart in charts(browser)) <= 42 * 16  # of A4's 50
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script(f"return {light}") == "dark"
    assert charts(browser) == before


def test_no_text_of_a_file_is_run(browser: webdriver.Chrome, tmp_path: Path) -> None:
    """An alert would make every call to the browser fail."""
    folder = pages.write(tmp_path / "results", **pages.hostile())
    assert pages.report(folder).exit_code == 0
    show(browser, folder)
    assert all(chart["marks"] for chart in charts(browser))
    assert not browser.find_elements(By.CSS_SELECTOR, "main img, main a, .plot a")
    assert_clean(browser)
