"""Quality against speed: what compute types cost and gain, how often models err, and how fast they are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tfopt.evaluation.results import Evaluation
from tfopt.profiler.quantities import rate_text, seconds_text
from tfopt.profiler.results import Measured
from tfopt.report import charts, colours, evaluations, ladders
from tfopt.report.benchmark_files import ErrorRate, ErrorRates
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import EMPTY, Cell, Column, table

_HEIGHT = 320  # pixels


def section(contents: Contents) -> Markup:
    """Returns a chart and a table for each file of `tfopt evaluate`, and for each file of error rates."""
    speeds = {
        ladder.model.name: exact
        for ladder in ladders.best(contents)
        if (exact := [one for one in ladder.model.measured if one[1].agreement is None])
    }
    return joined(
        [
            *(evaluations.of(file, one) for file, one in contents.of(Evaluation)),
            *(_quality(file, rates, speeds) for file, rates in contents.of(ErrorRates)),
        ]
    )


def _quality(
    file: File, rates: ErrorRates, speeds: Mapping[str, Sequence[tuple[str, Measured]]]
) -> Markup:
    known = [rate for rate in rates.models if rate.model in speeds]
    words = ", ".join(dict.fromkeys(f"{rate.words:,}" for rate in rates.models))
    return element(
        "section",
        element(
            "h3", "Words wrong, against words a second", element("span", file.name, class_="file")
        ),
        paragraph(
            f"On {words} words of the CMU Pronouncing Dictionary; any of its pronunciations counts as right. "
            "The models saw these words in training: the figures tell the models apart, not how well they "
            "do on new words. All backends of a model say the same in float32, so only their speed differs."
        ),
        *([_chart(known, speeds)] if known else []),
        _table(rates, speeds),
    )


def _chart(rates: list[ErrorRate], speeds: Mapping[str, Sequence[tuple[str, Measured]]]) -> Markup:
    values = [measured.throughput.median for rate in rates for _, measured in speeds[rate.model]]
    highest = max(rate.of_words for rate in rates)
    low, high = min(values), max(values)
    figure = charts.figure(
        _HEIGHT,
        xaxis=charts.log_axis(
            low / 1.6, high * 1.6, charts.tick_rate, title="words a second in batches"
        ),
        yaxis=charts.axis(range=[0, 1.3 * highest or 1.0], tickformat=".0%", nticks=6),
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        showlegend=True,
    )
    named: set[str] = set()
    for rate in rates:
        for place, (backend, measured) in enumerate(speeds[rate.model]):
            figure.add_scatter(
                x=[measured.throughput.median],
                y=[rate.of_words],
                mode="markers",
                marker={"size": 13, "color": colours.of_rung(backend, place)},
                name=charts.label(backend),
                legendgroup=charts.label(backend),
                showlegend=backend not in named,
                hoverinfo="text",
                hovertext=f"{charts.label(rate.model)}, {charts.label(backend)}: "
                f"{rate_text(measured.throughput.median)} words/s",
            )
            named.add(backend)
        figure.add_annotation(
            x=math.log10(max(m.throughput.median for _, m in speeds[rate.model])),
            y=rate.of_words,
            text=f"<b>{charts.label(rate.model)}</b>",
            xanchor="right",
            yanchor="bottom",
            yshift=9,
            showarrow=False,
        )
    described = ", ".join(f"{rate.model} {rate.of_words:.0%} of words wrong" for rate in rates)
    return charts.chart(figure, f"Words wrong against words a second: {described}")


def _table(rates: ErrorRates, speeds: Mapping[str, Sequence[tuple[str, Measured]]]) -> Markup:
    headings = ("words", "words wrong", "phonemes wrong", "one word", "words/s in batches")
    columns = [Column("model", numbers=False), *map(Column, headings)]
    rows = []
    for rate in rates.models:
        speed = [EMPTY, EMPTY]
        if rate.model in speeds:
            measured = speeds[rate.model]
            latency = min(one.latency_s.median for _, one in measured)
            throughput = max(one.throughput.median for _, one in measured)
            speed = [Cell(seconds_text(latency), latency), Cell(rate_text(throughput), throughput)]
        rows.append(
            [
                Cell(rate.model),
                Cell(f"{rate.words:,}", rate.words),
                Cell(f"{rate.of_words:.1%}", rate.of_words),
                Cell(f"{rate.of_phonemes:.1%}", rate.of_phonemes),
                *speed,
            ]
        )
    return table("Errors, and the fastest backend", columns, rows)
