"""One run as a picture: for each model, what every rung of the ladder bought."""

from __future__ import annotations

from tfopt.profiler.plots import page, style
from tfopt.profiler.quantities import ratio_text, seconds_text
from tfopt.profiler.results import ModelResult, Profile


def draw(profile: Profile) -> bytes:
    """Returns the picture of a run as PNG."""
    models = list(profile.models.values())
    sections = [_section(model, profile, alone=len(models) == 1) for model in models]
    return page.draw(_title(models), machine_line(profile), sections)


def finding(model: ModelResult) -> str:
    """Returns what a model's ladder shows, without the model's name."""
    measured = model.measured
    if not measured:
        return "no backend gave the reference's output"
    (first, slow), (best, fast) = measured[0], min(measured, key=lambda m: m[1].latency_s.median)
    if first == best:
        return f"{seconds_text(slow.latency_s.median)} a {model.unit} with {first}"
    ratio = ratio_text(slow.latency_s.median / fast.latency_s.median)
    refused = any(entry.measured is None for entry in model.entries)
    return f"{ratio} faster from {first} to {best}" + ("" if refused else ", same phonemes")


def machine_line(profile: Profile) -> str:
    """Returns the line that says what a run was measured on."""
    cpu, limit = profile.machine["cpu"]["model"], profile.machine["cgroup"]["cpus"]
    return " · ".join(
        [
            cpu,
            f"{profile.threads} thread" + ("s" if profile.threads > 1 else ""),
            *([f"limited to {limit:g} CPUs"] if limit else []),
            f"TensorFlow {profile.software['tensorflow']['version']}",
            f"Python {profile.software['python']}",
            f"median of {profile.rounds} rounds",
        ]
    )


def _title(models: list[ModelResult]) -> str:
    if len(models) == 1:
        return f"{models[0].name}: {finding(models[0])}"
    return "What each rung of the ladder buys, output for output the same"


def _section(model: ModelResult, profile: Profile, *, alone: bool) -> page.Section:
    base = model.measured[0][1] if model.measured else None
    rows = []
    for place, entry in enumerate(model.entries):
        m = entry.measured
        notes = ("", "")
        if m is not None and base is not None and m is not base:
            notes = (
                ratio_text(base.latency_s.median / m.latency_s.median),
                ratio_text(m.throughput.median / base.throughput.median),
            )
        rows.append(
            page.Row(
                label=entry.backend,
                colour=style.colour(entry.backend, place),
                measured=m,
                message=f"{entry.status}: {entry.reason}",
                latency_note=notes[0],
                throughput_note=notes[1],
            )
        )
    heading = "" if alone else f"{model.name}: {finding(model)}"
    return page.Section(heading, rows, model.unit, batch_title(model, profile.batch))


def batch_title(model: ModelResult, batch: int) -> str:
    """Returns the title of the throughput panel, naming smaller batches where there are some."""
    smaller = sorted({m.batch_items for _, m in model.measured if m.batch_items != batch})
    sizes = f"{batch:,}" + "".join(f" or {size:,}" for size in smaller)
    return f"{model.unit.capitalize()}s a second, batches of {sizes}"
