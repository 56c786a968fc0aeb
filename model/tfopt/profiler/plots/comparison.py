"""Several runs as one picture, with ratios to the first."""

from __future__ import annotations

from tfopt.profiler.comparison import LADDER, Change, Comparison, Group
from tfopt.profiler.plots import page, style
from tfopt.profiler.plots.ladder import batches, machine_line, short
from tfopt.profiler.quantities import ratio_text


def draw(comparison: Comparison) -> bytes:
    """Returns the picture of a comparison as PNG."""
    found = {name: finding(comparison, groups) for name, groups in comparison.models.items()}
    headings = [f"{short(name)}: {text}" for name, text in found.items()]
    title = headings[0]
    if len(headings) > 1:
        title = f"{', '.join(comparison.labels[1:])} against {comparison.labels[0]}"
    sections = [
        _section(comparison, name, groups, heading if len(headings) > 1 else "")
        for (name, groups), heading in zip(comparison.models.items(), headings, strict=True)
    ]
    notes = [
        f"! Not the same in all runs: {one.text(comparison.labels)}"
        for one in comparison.differences
    ]
    notes.append(
        f"Ratios are against {comparison.labels[0]}; more is better. ≈: differs by less than the "
        "noise (the medians of the rounds overlap). ?: too few rounds to tell."
    )
    return page.draw(title, machine_line(comparison.runs[0]), sections, notes)


def finding(comparison: Comparison, groups: list[Group]) -> str:
    """Returns what the last run changed against the first, for one item alone."""
    first, last = comparison.labels[0], comparison.labels[-1]
    named = [(g.name, change) for g in groups if (change := g.rows[-1].latency) is not None]
    changes = [change for _, change in named]
    if not changes:
        return f"{last} cannot be compared with {first}"
    if any(change.noise is None for change in changes):
        return f"too few rounds to tell {last} from {first}"
    clear = sorted(change.ratio for change in changes if not change.noise)
    if not clear:
        return f"{last} is as fast as {first}, within the noise"
    if len(clear) < len(changes):
        each = ", ".join(f"{name} {ratio_text(c.ratio)}" for name, c in named if not c.noise)
        return f"{last} against {first}: {each}, the others within the noise"
    low, high = ratio_text(clear[0]), ratio_text(clear[-1])
    if clear[-1] < 1:
        low, high = ratio_text(1 / clear[-1]), ratio_text(1 / clear[0])
    amount = low if low == high else f"{low} to {high}"
    if clear[0] < 1 < clear[-1]:
        return f"{last} runs at {amount} the speed of {first}"
    return f"{last} is {amount} {'faster' if clear[0] > 1 else 'slower'} than {first}"


def note(change: Change | None) -> str:
    """Returns a ratio with its mark: ≈ within noise, ? not known."""
    if change is None:
        return ""
    mark = {None: " ?", True: " ≈", False: ""}[change.noise]
    return ratio_text(change.ratio) + mark


def _label(run: str, backend: str, *, ladder: bool) -> str:
    if not ladder:
        return f"{backend}  {run}"
    return run if run == backend else f"{run} ({backend})"


def _section(comparison: Comparison, name: str, groups: list[Group], heading: str) -> page.Section:
    ladder = comparison.kind == LADDER
    rows = []
    for group in groups:
        for place, row in enumerate(group.rows):
            backend = row.entry.backend
            rows.append(
                page.Row(
                    label=_label(row.run, backend, ladder=ladder),
                    colour=style.colour(backend, place)
                    if ladder
                    else style.SERIES[place % len(style.SERIES)],
                    measured=row.entry.measured,
                    message=f"{row.entry.status}: {row.entry.reason}",
                    latency_note=note(row.latency),
                    throughput_note=note(row.throughput),
                    group=group.name,
                )
            )
    first = comparison.runs[0]
    measured = [row.entry.measured for group in groups for row in group.rows]
    sizes = sorted({m.batch_items for m in measured if m is not None}, reverse=True)
    return page.Section(heading, rows, first.models[name].unit, batches(sizes))
