"""Where the files were measured, with what, and in what these machines differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tfopt.profiler.quantities import QUICK
from tfopt.report.folder import Contents, File
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.tables import Cell, Column, table

_UNKNOWN = "CPU not recorded"


def section(contents: Contents) -> Markup:
    """Returns what differs, each machine with its files, and a table of the files."""
    known = {file.name: dict(_facts(file.content)) for file in contents.files}
    known = {name: facts for name, facts in known.items() if facts}
    if not known:
        return Markup()
    return joined(
        [
            _differences(known),
            *_machines(known),
            _table([f for f in contents.files if f.name in known]),
        ]
    )


def _differences(known: dict[str, dict[str, str]]) -> Markup:
    """Says in what the files' machines and versions differ."""
    names = list(dict.fromkeys(name for facts in known.values() for name in facts))
    found = []
    for name in names:
        files: dict[str, list[str]] = {}
        for file, facts in known.items():
            if name in facts:  # a file that does not say it does not differ in it
                files.setdefault(facts[name], []).append(file)
        if len(files) > 1:
            values = (f"{value} ({', '.join(some)})" for value, some in files.items())
            found.append(element("li", element("b", name), ": " + "; ".join(values)))
    if not found:
        return paragraph(
            "All files that name their machine were measured on the same kind of machine, with the same "
            "versions."
        )
    return joined(
        [
            paragraph(
                "Not all files were measured on the same kind of machine with the same versions. Compare "
                "figures across them with care; these differ:",
                class_="warning",
            ),
            element("ul", *found),
        ]
    )


def _machines(known: dict[str, dict[str, str]]) -> Iterator[Markup]:
    """Yields each machine once, with all that is known of it."""
    groups: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for file, facts in known.items():
        groups.setdefault(tuple(facts.items()), []).append(file)
    for facts_of_group, files in groups.items():
        facts = dict(facts_of_group)
        rows = (
            element("div", element("dt", name), element("dd", value))
            for name, value in facts.items()
        )
        title = facts.get("CPU", _UNKNOWN)
        title += f", TensorFlow {facts['TensorFlow']}" if "TensorFlow" in facts else ""
        yield element(
            "details",
            element("summary", title, element("span", ", ".join(files), class_="file")),
            element("dl", *rows, class_="facts"),
        )


def _table(files: list[File]) -> Markup:
    columns = [
        *(Column(name, numbers=False) for name in ("file", "what", "measured")),
        *(Column(name) for name in ("threads", "rounds")),
        Column("tfopt", numbers=False),
    ]
    return table("The files", columns, [_cells(file) for file in files])


def _cells(file: File) -> list[Cell]:
    settings = _object(file.content, "settings")
    program = _object(file.content, "tfopt")
    commit = _text(program.get("git_commit"))[:10]
    version = " ".join(filter(None, (_text(program.get("version")), commit)))
    version += " with changes" if program.get("uncommitted_changes") is True else ""
    what = _text(file.content.get("schema")).removeprefix("tfopt-")
    quick = f" ({QUICK})" if settings.get("quick") is True else ""
    return [
        Cell(file.name),
        Cell(what + quick),
        Cell(_text(file.content.get("created")).replace("T", " ").replace("+00:00", " UTC")),
        *(_number(settings.get(name)) for name in ("threads", "rounds")),
        Cell(version),
    ]


def _facts(content: Any) -> Iterator[tuple[str, str]]:
    """Yields what a file says of its machine and versions, by what it is called; nothing if it does not."""
    machine, software = _object(content, "machine"), _object(content, "software")
    cpu, cores, limits = (_object(machine, name) for name in ("cpu", "cores", "cgroup"))
    tensorflow = _object(software, "tensorflow")
    environment = _object(content, "environment")  # if there was more than one
    built = _object(tensorflow, "instruction_sets")
    caches = [
        f"L{_text(one.get('level'))} {_text(one.get('type'))} {_size(one.get('bytes'), 1024, 'KiB')}"
        for one in _list(cpu, "caches")
        if isinstance(one, dict)
    ]
    found = {
        "CPU": _text(cpu.get("model")),
        "instruction sets": _text(cpu.get("instruction_sets")),
        "caches": ", ".join(caches),
        "cores to use": _text(cores.get("affinity")),
        "CPU limit": _text(limits.get("cpus")),
        "memory limit": _size(limits.get("memory_bytes"), 1e9, "GB"),
        "memory": _size(machine.get("memory_bytes"), 1e9, "GB"),
        "system": _text(machine.get("os")),
        "kernel": _text(machine.get("kernel")),
        "C library": _text(machine.get("libc")),
        "TensorFlow": _text(tensorflow.get("version")),
        "TensorFlow asked for": _text(environment.get("tensorflow")),
        "image": _text(environment.get("image")),
        "TensorFlow's package": _text(tensorflow.get("distributions")),
        "TensorFlow's commit": _text(tensorflow.get("git_version")),
        "TensorFlow's compiler": _text(tensorflow.get("compiler")),
        "compiled with": _text(built.get("compiled_with")),
        "compiled without": _text(built.get("not_compiled_with")),
        "Python": _text(software.get("python")),
        "NumPy": _text(software.get("numpy")),
    }
    return ((name, value) for name, value in found.items() if value)


def _object(content: Any, name: str) -> dict[str, Any]:
    """Returns an object of an object; an empty one where there is none."""
    value = content.get(name) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def _list(content: dict[str, Any], name: str) -> list[Any]:
    value = content.get(name)
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Returns a text, a number, or a list of texts as text; nothing of anything else."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_text, value)))
    return str(value) if isinstance(value, str | int | float) and value is not True else ""


def _size(value: Any, unit: float, name: str) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value / unit:,.3g} {name}" if is_number else ""


def _number(value: Any) -> Cell:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return Cell(str(value), value) if is_number else Cell("")
