"""Several runs as one picture, with ratios to the first."""

from __future__ import annotations

from tfopt.profiler.comparison import LADDER, Change, Comparison, Group, Row
from tfopt.profiler.plots import page, style
from tfopt.profiler.plots.ladder import batches, machine_line, short
from tfopt.profiler.quantities import QUICK, batch_text, ratio_text


def draw(comparison: Comparison) -> bytes:
    """Returns the picture of a comparison as PNG."""
    found = {name: finding(comparison, groups) for name, groups in comparison.models.items()}
    first, *others = comparison.labels
    headings = [f"{short(name)}: {text}" for name, text in found.items()]
    title = headings[0]
    if len(headings) > 1:
        title = f"{', '.join(others)} against {first}"
    if len(others) == 1:  # then the title says it for all
        headings = [heading.replace(f": {title}: ", ": ", 1) for heading in headings]
    sections = [
        _section(comparison, name, groups, heading if len(headings) > 1 else "")
        for (name, groups), heading in zip(comparison.models.items(), headings, strict=True)
    ]
    notes = [f"Compared: {one.text(comparison.labels)}." for one in comparison.meant] + [
        f"! Not the same in all runs: {one.text(comparison.labels)}" for one in comparison.unwanted
    ]
    notes.append(
        f"Ratios are against {comparison.labels[0]}; more is better. ≈: differs by less than the "
        "noise (the medians of the rounds overlap). ?: too few rounds to tell."
    )
    subtitle = machine_line(comparison.runs[0], quick=bool(comparison.quick))
    return page.draw(title, subtitle, sections, notes)


def finding(comparison: Comparison, groups: list[Group]) -> str:
    """Returns what the last run changed against the first, without the model's name."""
    first, last = comparison.labels[0], comparison.labels[-1]
    against = f"{last} against {first}"
    rows = [(group.name, group.rows[-1]) for group in groups]
    latency = {name: row.latency for name, row in rows if row.latency}
    throughput = {name: row.throughput for name, row in rows if row.throughput}
    if not latency:
        return f"{last} cannot be compared with {first}"
    if comparison.quick:
        return f"{against}: {QUICK}"
    if any(change.noise is None for change in latency.values()):
        return f"too few rounds to tell {last} from {first}"
    text = f"{against}: latency {_changes(latency, 'shorter', 'longer')}"
    if any(change.noise is False for change in throughput.values()):
        text += f"; throughput {_changes(throughput, 'higher', 'lower')}"
    return text


def _changes(changes: dict[str, Change], better: str, worse: str) -> str:
    """Returns what became of one quantity, by backend."""
    clear = {name: change.ratio for name, change in changes.items() if change.noise is False}
    if not clear:
        return "within the noise"
    low, high = min(clear.values()), max(clear.values())
    if len(clear) < len(changes) or low < 1 < high:
        each = [f"{name} {ratio_text(ratio)}" for name, ratio in clear.items()]
        others = ["others within the noise"] if len(clear) < len(changes) else []
        return ", ".join(each + others)
    word = better if low > 1 else worse
    if word == worse:
        low, high = 1 / high, 1 / low
    return " to ".join(dict.fromkeys((ratio_text(low), ratio_text(high)))) + f" {word}"


def note(change: Change | None) -> str:
    """Returns a ratio with its mark: ≈ within noise, ? not known."""
    if change is None:
        return ""
    return ratio_text(change.ratio) + change.mark


def _throughput_note(row: Row, batch: int) -> str:
    size = batch_text(row.entry.measured.batch_items, batch) if row.entry.measured else ""
    return " ".join(filter(None, (note(row.throughput), size)))


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
                    throughput_note=_throughput_note(row, comparison.runs[0].models[name].batch),
                    group=group.name,
                )
            )
    first = comparison.runs[0]
    measured = [row.entry.measured for group in groups for row in group.rows]
    sizes = sorted({m.batch_items for m in measured if m is not None}, reverse=True)
    return page.Section(heading, rows, first.models[name].unit, batches(sizes))
