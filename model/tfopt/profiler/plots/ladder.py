"""One run as a picture: for each model, what every rung of the ladder bought."""

from __future__ import annotations

from collections.abc import Sequence

from tfopt.profiler.plots import page, panels, style
from tfopt.profiler.quantities import QUICK, batch_text, ratio_text, seconds_text
from tfopt.profiler.results import ModelResult, Profile

# What a model gives for one unit.
_OUTPUTS = {"word": "phonemes", "sample": "samples"}


def draw(profile: Profile) -> bytes:
    """Returns the picture of a run as PNG."""
    models = list(profile.models.values())
    found = [finding(model, quick=profile.quick) for model in models]
    sections = [
        _section(model, "" if len(models) == 1 else f"{short(model.name)}: {text}")
        for model, text in zip(models, found, strict=True)
    ]
    title = f"{short(models[0].name)}: {found[0]}"
    if len(models) > 1:
        title = QUICK.capitalize() if profile.quick else _title(models)
    notes = dict.fromkeys(model.note for model in models if model.note)
    return page.draw(title, machine_line(profile, quick=profile.quick), sections, list(notes))


def finding(model: ModelResult, *, quick: bool) -> str:
    """Returns what a model's ladder shows, without the model's name."""
    measured = model.measured
    if not measured:
        return "no backend gave the reference's output"
    if quick:
        return QUICK
    step = _step(model)
    if step is None:
        backend, only = model.measured[0]
        return f"{seconds_text(only.latency_s.median)} a {model.unit} with {backend}"
    refused = any(entry.measured is None for entry in model.entries)
    same = "" if refused or model.reduced else f", same {_OUTPUTS.get(model.unit, 'output')}"
    return f"{ratio_text(_speed_up(model))} faster from {step[0]} to {step[1]}{same}"


def machine_line(profile: Profile, *, quick: bool) -> str:
    """Returns the line that says what a run was measured on; first of all, whether it was quick."""
    cpu, limit = profile.machine["cpu"]["model"], profile.machine["cgroup"]["cpus"]
    return " · ".join(
        [
            *([QUICK] if quick else []),
            cpu,
            f"{profile.threads} thread" + ("s" if profile.threads > 1 else ""),
            *([f"limited to {limit:g} CPUs"] if limit else []),
            f"TensorFlow {profile.software['tensorflow']['version']}",
            f"Python {profile.software['python']}",
            f"median of {profile.rounds} rounds",
        ]
    )


def _title(models: list[ModelResult]) -> str:
    """Returns what several models' ladders show."""
    steps = {_step(model) for model in models}
    if len(steps) == 1 and (step := steps.pop()) is not None:
        ratios = list(dict.fromkeys(ratio_text(_speed_up(model)) for model in models))
        text = " and ".join(filter(None, (", ".join(ratios[:-1]), ratios[-1])))
        return f"{text} faster from {step[0]} to {step[1]}"
    return "What each rung of the ladder buys"


def _step(model: ModelResult) -> tuple[str, str] | None:
    """Returns the first and the fastest backend, None if there are no two."""
    if not model.measured:
        return None
    first = model.measured[0][0]
    best = min(model.measured, key=lambda m: m[1].latency_s.median)[0]
    return None if first == best else (first, best)


def _speed_up(model: ModelResult) -> float:
    latencies = [measured.latency_s.median for _, measured in model.measured]
    return latencies[0] / min(latencies)


def _section(model: ModelResult, heading: str) -> page.Section:
    base = model.measured[0][1] if model.measured else None
    rows = []
    for place, entry in enumerate(model.entries):
        m = entry.measured
        size = batch_text(m.batch_items, model.batch) if m is not None else ""
        notes = ("", size)
        if m is not None and base is not None and m is not base:
            notes = (
                ratio_text(base.latency_s.median / m.latency_s.median),
                f"{ratio_text(m.throughput.median / base.throughput.median)} {size}".strip(),
            )
        rows.append(
            page.Row(
                label=entry.backend,
                colour=style.colour(entry.backend, place),
                measured=m,
                message=f"{entry.status}: {entry.reason}",
                latency_note=notes[0],
                throughput_note=notes[1],
                bound_s=model.bound_s(m) if m is not None and model.own_costs else None,
            )
        )
    sizes = sorted({m.batch_items for _, m in model.measured}, reverse=True)
    marks = []
    if model.cost and not model.own_costs:
        marks.append(panels.Mark("bound", model.cost.bound_s(ahead=False), "dashed"))
    if model.sample_rate:
        marks.append(panels.Mark("real time", 1 / model.sample_rate, "dotted"))
    return page.Section(heading, rows, model.unit, batches(sizes), tuple(marks))


def batches(sizes: Sequence[int]) -> str:
    """Returns what the throughput panel says about its batches."""
    return "batches of " + " or ".join(f"{size:,}" for size in sizes) if sizes else ""


def short(name: str) -> str:
    """Returns a name that leaves room for the finding behind it."""
    return name if len(name) <= 44 else f"{name[:30]}…{name[-13:]}"
