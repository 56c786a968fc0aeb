"""The look of the report's page: colours, axes, tables."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from tfopt.profiler.plots import style
from tfopt.report import charts, dots, markup, tables
from tfopt.report.dots import Dot
from tfopt.report.markup import Markup
from tfopt.report.tables import Cell, Column

CSS = (files("tfopt.report") / "page.css").read_text(encoding="utf-8")
# Light, dark.
THEMES = [
    dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-Fa-f]{6});", block))
    for block in re.findall(r":root(?:\[.*?\])? \{(.*?)\}", CSS, re.DOTALL)
]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_both_themes_have_the_same_colours() -> None:
    light, dark = THEMES
    assert set(light) == set(dark)


def test_light_colours_are_those_of_the_pictures() -> None:
    light = THEMES[0]
    names = {rung: rung.replace(" ", "-").replace("_", "-") for rung in style.RUNGS}
    assert {rung: light[name] for rung, name in names.items()} == style.RUNGS
    series = tuple(light[f"series-{n + 1}"] for n in range(len(style.SERIES)))
    assert series == style.SERIES
    assert (light["ink"], light["faint"], light["line"]) == (style.INK, style.FAINT, style.LINE)


@pytest.mark.parametrize("theme", THEMES, ids=["light", "dark"])
def test_texts_can_be_read(theme: dict[str, str]) -> None:
    """WCAG 2.1 AA: 4.5 for texts."""
    for paper in ("paper", "card"):
        for ink in ("ink", "faint", "good", "bad", "link"):
            assert contrast(theme[ink], theme[paper]) >= 4.5, (ink, paper)
    for paper in ("fast", "close", "slow"):
        assert contrast(theme["ink"], theme[paper]) >= 4.5, paper


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = markup.element("b", "<i>", title='"')
    assert inner == '<b title="&quot;">&lt;i&gt;</b>'
    assert markup.element("p", inner, " & ") == f"<p>{inner} &amp; </p>"
    assert isinstance(markup.joined(["<"]), Markup)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1e-6, 1e-3, [1e-6, 1e-5, 1e-4, 1e-3]),
        (0.9, 40.0, [1, 3, 10, 30]),
        (0.8, 6.0, [1, 2, 5]),
        (0.95, 1.3, [1.0, 1.1, 1.2, 1.3]),
    ],
)
def test_ticks_are_round_and_few(low: float, high: float, ticks: list[float]) -> None:
    assert charts.log_ticks(low, high) == pytest.approx(ticks)


def test_ticks_stay_few_over_any_range() -> None:
    for power in range(-12, 12):
        for width in (1.01, 1.5, 3.0, 10.0, 50.0, 1e3, 1e6, 1e20):
            low = 1.7 * 10.0**power
            ticks = charts.log_ticks(low, low * width)
            assert 1 <= len(ticks) <= 7 or width <= 3.0
            assert all(low <= value <= low * width * 1.000001 for value in ticks)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        (charts.tick_seconds, 1e-3, "1 ms"),
        (charts.tick_seconds, 5e-5, "50 µs"),
        (charts.tick_seconds, 2e-8, "20 ns"),
        (charts.tick_rate, 3e4, "30 k"),
        (charts.tick_rate, 1e6, "1 M"),
        (charts.tick_rate, 0.5, "0.5"),
        (charts.tick_ratio, 1000.0, "1,000×"),
        (charts.tick_ratio, 1.05, "1.05×"),
    ],
)
def test_ticks_have_units(text: charts.Text, value: float, expected: str) -> None:
    assert text(value) == expected


def test_the_last_dot_has_room_for_its_text_on_a_phone() -> None:
    found = [
        Dot("naive", "var(--naive)", 1e-3, 1e-3, 1e-3, "1.00 ms"),
        Dot("native", "var(--native)", 1e-6, 1e-6, 1e-6, "1.00 µs", "1,000× (of 16)"),
    ]
    low, high = dots.limits(found, [])
    assert low < 1e-6
    assert high > 3e-3


def test_a_table_says_what_its_cells_are_sorted_by() -> None:
    made = tables.table(
        "caption",
        [Column("name", numbers=False), Column("time")],
        [[Cell("<a>"), Cell("2 ms", 2e-3)]],
    )
    assert '<th scope="row">&lt;a&gt;</th>' in made
    assert '<td class="number" data-key="0.002">2 ms</td>' in made
    assert made.count('<button type="button">') == 2
    assert 'tabindex="0"' in made


def test_a_doubling_axis_names_what_a_phone_has_room_for() -> None:
    places = [4, 16, 64, 256, 1024, 2048, 4096, 16384]
    made = charts.doubling_ticks(places)
    assert made["tickvals"] == places
    assert made["ticktext"] == ["4", "16", "64", "256", "", "2,048", "", "16,384"]
    assert charts.doubling_ticks([1, 2, 4, 64])["ticktext"] == ["1", "2", "4", "64"]
    assert charts.doubling_ticks([8])["ticktext"] == ["8"]
