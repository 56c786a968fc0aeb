"""Comparisons: what `tfopt compare` found, and other code on the same words."""

from __future__ import annotations

from collections.abc import Sequence

from tfopt.profiler.quantities import bytes_text, rate_text, ratio_text, seconds_text
from tfopt.profiler.results import Profile
from tfopt.report import charts, colours, dots
from tfopt.report.benchmark_files import Peers
from tfopt.report.comparison_file import Comparison, Group, Row, Value
from tfopt.report.dots import Dot, Mark
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import EMPTY, Cell, Column, table

_CLAIMS = ("better", "worse")


def section(contents: Contents) -> Markup:
    """Returns every comparison with its charts and tables."""
    units = {
        name: model.unit for _, run in contents.of(Profile) for name, model in run.models.items()
    }
    parts = [_comparison(file, found, units) for file, found in contents.of(Comparison)]
    parts += [_peers(file, peers) for file, peers in contents.of(Peers)]
    if not parts:
        return Markup()
    lead = paragraph(
        "More than 1× is better. Bars span what the medians of the rounds allow; hollow dots differ by less "
        "than the noise, or were measured in too few rounds to tell."
    )
    return joined([lead, *parts])


def _comparison(file: File, found: Comparison, units: dict[str, str]) -> Markup:
    first, *others = found.runs
    heading = element(
        "h3", f"{', '.join(others)} against {first}", element("span", file.name, class_="file")
    )
    differences = [paragraph(f"Compared: {one}.", class_="faint") for one in found.meant]
    differences += [
        paragraph(f"Not the same in all runs: {one}", class_="warning") for one in found.unwanted
    ]
    models = [
        _model(name, groups, units.get(name, "unit"), charts.shortened(first))
        for name, groups in found.models.items()
    ]
    return element("section", heading, *differences, *models)


def _model(name: str, groups: Sequence[Group], unit: str, first: str) -> Markup:
    latency = _chart(name, groups, f"Time for one {unit}: {first} ÷ the other", shorter=True)
    throughput = _chart(
        name,
        groups,
        f"{unit.capitalize()}s a second in batches: the other ÷ {first}",
        shorter=False,
    )
    return joined(
        [
            element("h4", name),
            element("div", latency, throughput, class_="pair"),
            _table(name, groups, unit),
        ]
    )


def _chart(name: str, groups: Sequence[Group], title: str, *, shorter: bool) -> Markup:
    """Returns the ratios to the first run; nothing if there is none."""
    found = []
    several = len({row.run for group in groups for row in group.rows}) > 2
    ladder = len(groups) == 1
    for group in groups:
        for place, row in enumerate(group.rows):
            value = row.latency if shorter else row.throughput
            base = group.rows[0].latency if shorter else group.rows[0].throughput
            if value is None or base is None or value.ratio is None:
                continue
            label = row.run if ladder else f"{row.backend} {row.run}" if several else row.backend
            colour = colours.of_rung(row.backend, place)
            found.append(_dot(label, colour, value, base, shorter=shorter))
    if not found:
        return Markup()
    described = ", ".join(f"{dot.label} {dot.text} {dot.note}".rstrip() for dot in found)
    return dots.plot(
        found,
        title,
        charts.tick_ratio,
        f"{name}, {title}: {described}",
        marks=[Mark(1.0, "dash")],
    )


def _dot(label: str, colour: str, value: Value, base: Value, *, shorter: bool) -> Dot:
    ratio = value.ratio or 1.0
    low, high = value.low / base.high, value.high / base.low
    if shorter:
        low, high = 1 / high, 1 / low
    clear = value.verdict in _CLAIMS
    note = "" if clear else value.verdict or ""
    # The file's ratio is of medians over all calls, the range of medians of rounds.
    low, high = min(low, ratio), max(high, ratio)
    return Dot(label, colour, ratio, low, high, ratio_text(ratio), charts.plain(note), not clear)


def _table(name: str, groups: Sequence[Group], unit: str) -> Markup:
    columns = [
        Column("run", numbers=False),
        Column("backend", numbers=False),
        Column(f"one {unit}"),
        Column("ratio"),
        Column(f"{unit}s/s in batches"),
        Column("ratio"),
        Column("cold start"),
        Column("peak memory"),
    ]
    rows = [_cells(row, place) for group in groups for place, row in enumerate(group.rows)]
    return table(f"{name}: ratios to the first run", columns, rows)


def _cells(row: Row, place: int) -> list[Cell]:
    names = [
        Cell(row.run),
        Cell(colours.swatch(row.backend, colours.of_rung(row.backend, place))),
    ]
    latency, throughput = row.latency, row.throughput
    if latency is None or throughput is None:
        return [*names, Cell(f"{row.status}: {row.reason}", look="bad"), *[EMPTY] * 5]
    cold = row.cold_start_s
    return [
        *names,
        Cell(f"{seconds_text(latency.median)} ±{latency.noise:.0%}", latency.median),
        _change(latency),
        Cell(f"{rate_text(throughput.median)} ±{throughput.noise:.0%}", throughput.median),
        _change(throughput),
        EMPTY if cold is None else Cell(f"{cold:.1f} s", cold),
        Cell(bytes_text(row.peak_bytes), row.peak_bytes),
    ]


def _change(value: Value) -> Cell:
    if value.ratio is None:
        return EMPTY
    look = {"better": "good", "worse": "bad"}.get(value.verdict or "", "faint")
    return Cell(f"{ratio_text(value.ratio)} {value.verdict}", value.ratio, look)


def _peers(file: File, peers: Peers) -> Markup:
    slowest = min(figure.median for figure in peers.rates.values())
    found = [
        Dot(
            name,
            colours.of_series(place),
            *(figure.median, figure.low, figure.high),
            rate_text(figure.median),
            note="" if figure.median == slowest else ratio_text(figure.median / slowest),
        )
        for place, (name, figure) in enumerate(peers.rates.items())
    ]
    title = f"{peers.unit.capitalize()} a second, {peers.count:,} {peers.unit} at once"
    same = {"words": "phonemes", "samples": "samples"}[peers.unit]
    described = ", ".join(f"{dot.label} {dot.text}" for dot in found)
    return element(
        "section",
        element(
            "h3",
            ": ".join(filter(None, (peers.model, "Against other code"))),
            element("span", file.name, class_="file"),
        ),
        paragraph(f"In turns in one process, after all had given the same {same}."),
        dots.plot(found, title, charts.tick_rate, f"{title}: {described}"),
    )
