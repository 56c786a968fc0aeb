"""What was gained: for each model the fastest backend against naive, in a few big figures."""

from __future__ import annotations

from tfopt.profiler.quantities import (
    QUICK,
    rate_text,
    ratio_text,
    real_time_text,
    seconds_text,
)
from tfopt.profiler.statistics import ROUNDS_FOR_A_CLAIM
from tfopt.report import ladders, ratios
from tfopt.report.folder import Contents
from tfopt.report.ladders import Ladder
from tfopt.report.markup import Markup, element, joined, paragraph

# What a unit gives.
_OUTPUTS = {"word": "pronunciations", "sample": "samples"}


def section(contents: Contents) -> Markup:
    """Returns a card for each model."""
    cards = [_card(ladder) for ladder in ladders.best(contents)]
    return element("div", *cards, class_="cards") if cards else Markup()


def _card(ladder: Ladder) -> Markup:
    (slow, base), (fast, best) = ladder.base, ladder.fastest
    unit = ladder.model.unit
    gain = ratios.shorter(base.latency_s, best.latency_s)
    what = "of one stream" if ladder.model.sample_rate else "alone"
    if ladder.run.quick:
        lead = [paragraph(QUICK.capitalize(), class_="big words")]
    elif fast == slow:
        lead = [
            paragraph(seconds_text(best.latency_s.median), class_="big"),
            paragraph(f"one {unit} {what}, {fast}, ±{best.latency_s.noise:.0%}"),
        ]
    elif gain.noise is not False:
        why = "within the noise" if gain.noise else f"fewer than {ROUNDS_FOR_A_CLAIM} rounds"
        lead = [
            paragraph("No difference shown", class_="big words"),
            paragraph(f"{fast} against {slow}: {ratio_text(gain.ratio)}, {why}"),
        ]
    else:
        lead = [
            paragraph(ratio_text(gain.ratio), class_="big"),
            paragraph(f"faster from {slow} to {fast}"),
            paragraph(
                f"{seconds_text(base.latency_s.median)} → {seconds_text(best.latency_s.median)} for one "
                f"{unit} {what}; {gain.range_text} over the rounds",
                class_="faint",
            ),
        ]
    return element(
        "article",
        element("h3", ladder.model.name),
        *lead,
        element("dl", *([] if ladder.run.quick else [_facts(ladder)])),
        paragraph(_measured_on(ladder), class_="faint"),
        class_="card",
    )


def _facts(ladder: Ladder) -> Markup:
    model, (_, best), (_, base) = ladder.model, ladder.fastest, ladder.base
    name, most = max(model.measured, key=lambda one: one[1].throughput.median)
    facts = []
    if (real_time := model.real_time(best)) is not None:
        rate = (model.sample_rate or 0) / 1000
        facts.append((real_time_text(real_time), f"real time at {rate:g} kHz"))
    if (of_bound := model.of_bound(best)) is not None:
        facts.append((f"{of_bound:.0%}", "of what one core can do"))
    if best.agreement is not None:
        facts.append(
            (f"{best.agreement:.0%}", f"of its {_OUTPUTS[model.unit]} are those of float32")
        )
    gain = ratios.higher(base.throughput, most.throughput)
    text = f"{model.unit}s/s in batches with {name}, ±{most.throughput.noise:.0%}"
    if gain.noise is False:
        text += f", {ratio_text(gain.ratio)} as many"
    facts.append((rate_text(most.throughput.median), text))
    return joined(
        element("div", element("dt", text), element("dd", figure)) for figure, text in facts
    )


def _measured_on(ladder: Ladder) -> str:
    run, threads = ladder.run, ladder.run.threads
    return (
        f"{run.machine['cpu']['model']}, {threads} thread{'s' if threads > 1 else ''}, TensorFlow "
        f"{run.software['tensorflow']['version']}, {run.rounds} rounds; {ladder.file.name}"
    )
