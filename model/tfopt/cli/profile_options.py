"""The options of `tfopt profile`, but for those that say where to measure."""

from __future__ import annotations

import click

from tfopt.cli.option_groups import together
from tfopt.cli.paths import PATH
from tfopt.profiler import kinds, rung_names
from tfopt.profiler.plan import Plan
from tfopt.pruning import BLOCKS
from tfopt.wavenet.presets import PRESETS as WAVENETS
from tfopt.wavernn.presets import PRESETS as WAVERNNS

FEWEST_ROUNDS = 5
SWEEPS = ("layers", "threads", "batch", "length", "memory")
# The options that ask something else than how fast the backends are.
QUESTION_OPTIONS = "--sweep, --modules, --realtime or --hoisting"


def _numbers(context: click.Context, option: click.Parameter, text: str) -> tuple[float, ...]:
    """Reads numbers with commas between them."""
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError as error:
        raise click.BadParameter(f"expected numbers such as 2,4,8, got {text!r}") from error


models = together(
    click.option(
        "--model",
        "names",
        multiple=True,
        help="Name or directory; repeatable. Default: all installed, and the small WaveRNN.",
    ),
    click.option(
        "--wavenet",
        "wavenets",
        multiple=True,
        type=click.Choice(tuple(WAVENETS)),
        help="A WaveNet of this size with random weights; repeatable. default: R=64, S=256, 20 layers; "
        "small: R=32, S=128, 10 layers.",
    ),
    click.option(
        "--wavernn",
        "wavernns",
        multiple=True,
        type=click.Choice(tuple(WAVERNNS)),
        help="A WaveRNN of this size with random weights; repeatable. default: two GRUs of 512; small: "
        "of 128.",
    ),
    click.option(
        "--config",
        "configs",
        multiple=True,
        type=PATH,
        help="A WaveNet or WaveRNN of this config.json with random weights; repeatable.",
    ),
    click.option(
        "--backend",
        "backends",
        multiple=True,
        type=click.Choice(kinds.LADDER),
        help="Repeatable. Default: all that the model has.",
    ),
    click.option(
        "--compute-type",
        "types",
        multiple=True,
        type=click.Choice(rung_names.TYPES),
        help="What native computes in; repeatable, each a row of its own. int8_static: for a model of tfopt "
        "quantize. Default: float32.",
    ),
    click.option(
        "--density",
        type=click.FloatRange(0, 1, min_open=True),
        help="Of a model with random weights: prune it to this part of its blocks, as tfopt prune does.",
    ),
    click.option(
        "--block",
        type=click.Choice(tuple(BLOCKS)),
        help="Outputs x inputs of the blocks to prune: 16x1 is for float32 and bfloat16, 8x4 for int8. "
        "Default: 16x1.",
    ),
)

questions = together(
    click.option(
        "--sweep",
        type=click.Choice(SWEEPS),
        help="Time per sample against the layers of a WaveNet (two blocks of so many), threads, streams in a "
        "batch, or samples of a call; or memory against minutes of audio.",
    ),
    click.option(
        "--points", default="", callback=_numbers, help="Where to measure a sweep: 2,4,8."
    ),
    click.option("--modules", is_flag=True, help="Time per module inside the native step."),
    click.option(
        "--realtime",
        is_flag=True,
        help="Which sizes of WaveNet one core of this CPU runs in real time, and whether it runs this one.",
    ),
    click.option(
        "--hoisting",
        is_flag=True,
        help="A WaveRNN's operations and time for a sample, before and after all that does not depend on the "
        "sample before was taken out of the step.",
    ),
)

extent = together(
    click.option(
        "--words",
        "count",
        type=click.IntRange(1, 100_000),
        help=f"g2p: words timed one at a time in a round. Default: {Plan().words}.",
    ),
    click.option(
        "--samples",
        type=click.IntRange(8, 1_000_000),
        help="WaveNet, WaveRNN: samples of a stream timed alone, an eighth of it in a batch; slow backends "
        f"make fewer. Default: {Plan().samples}.",
    ),
    click.option(
        "--batch",
        type=click.IntRange(1, 100_000),
        help=f"Words, or streams, in a batch. Default: {Plan().batch} words, {Plan().streams} streams.",
    ),
    click.option(
        "--rounds",
        type=click.IntRange(2, 1000),
        help=f"Times everything is measured, {FEWEST_ROUNDS} or more unless --quick. "
        f"Default: {Plan().rounds}; {FEWEST_ROUNDS} if no model is named.",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        help="Default: the CPUs this process may use; with --image, --cpus rounded down.",
    ),
    click.option(
        "--words-file",
        type=PATH,
        help="Draw the words from this file, one a line. Default: 2,048 words of CMUdict.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="The order in which words are drawn; random weights and random numbers.",
    ),
    click.option(
        "--name", default="profile", show_default=True, help="What the results are called."
    ),
    click.option(
        "--out",
        "folder",
        type=PATH,
        help="Folder for NAME.json and NAME.png. Default: $TFOPT_RESULTS or ./results.",
    ),
    click.option("--quick", is_flag=True, help="A short run that only shows whether all works."),
)
