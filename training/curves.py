"""Learning curves: a row of figures for each epoch, as CSV and as a plot."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import keras

from tfopt import files

NAME = "curves.csv"
EPOCH = "epoch"
Row = dict[str, float]


class LearningCurves(keras.callbacks.Callback):
    """Writes both files anew after each epoch.

    `keras.callbacks.CSVLogger` appends, so a run that is taken up at its last checkpoint would repeat the
    rows that it had written since.
    """

    def __init__(self, path: Path, epochs: int) -> None:
        """Keeps the rows of `path` that belong to the first `epochs`, which the run does not repeat."""
        super().__init__()
        self._path = path
        self._rows = [row for row in read(path) if row[EPOCH] <= epochs] if epochs else []

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Looks at the clock."""
        self._started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds a row: what is in `logs`, the learning rate, and how long the epoch took."""
        figures = {name: float(value) for name, value in (logs or {}).items()}
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        seconds = round(time.monotonic() - self._started, 1)
        self._rows.append({EPOCH: epoch + 1, **figures, "learning_rate": rate, "seconds": seconds})
        write(self._path, self._rows)
        plot(self._path.with_suffix(".png"), self._rows)


def read(path: Path) -> list[Row]:
    """The rows of a CSV file; none if there is no such file. A figure that an epoch lacks is left out."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: float(value) for name, value in row.items() if value}
            for row in csv.DictReader(file)
        ]


def write(path: Path, rows: list[Row]) -> None:
    """Writes rows, in the columns of all of them together."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with files.writing_text(path) as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def plot(path: Path, rows: list[Row]) -> None:
    """Draws each figure over the epochs, that of training beside that of validation (`val_` before it)."""
    from matplotlib.figure import Figure

    names = dict.fromkeys(name.removeprefix("val_") for row in rows for name in row)
    panels = [name for name in names if name not in (EPOCH, "seconds")]
    figure = Figure(figsize=(4 * len(panels), 3), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for column, label in ((name, "training"), (f"val_{name}", "validation")):
            points = [(row[EPOCH], row[column]) for row in rows if column in row]
            if points:
                axes.plot(*zip(*points, strict=True), label=label)
        axes.set(title=name.replace("_", " "), xlabel="epoch")
        axes.grid(visible=True, alpha=0.3)
        if any(f"val_{name}" in row for row in rows):
            axes.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120)
    with files.writing(path) as file:
        file.write(picture.getvalue())
