"""`tfopt report`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from tfopt.cli.paths import PATH
from tfopt.profiler import output


@click.command(epilog="Example: tfopt report results/ --out report.html")
@click.argument("folder", required=False, type=PATH)
@click.option("--out", type=PATH, help="The page. Default: report.html in FOLDER.")
def command(folder: Path | None, out: Path | None) -> None:
    """Write one HTML page of all results in FOLDER ($TFOPT_RESULTS or ./results if not given).

    Reads every .json file of `tfopt profile`, `tfopt compare`, `tfopt evaluate` and of the scripts in
    benchmarks/, and every .wav and .flac file with the .txt of the same name as its caption. The page holds
    all that it needs: it opens anywhere, without a network. Files that it cannot show are named, there and
    here.
    """
    if importlib.util.find_spec("plotly") is None:
        raise click.ClickException("the report needs plotly: pip install 'tfopt[report]'")
    # Imported here: they need plotly.
    from tfopt.report import folder as folders
    from tfopt.report import page

    folder = folder or output.default_folder()
    contents = folders.read(folder)
    target = _checked(out or folder / "report.html")
    rendered = page.render(contents)
    output.write(target, rendered)
    for name, reason in contents.skipped:
        click.echo(f"Not shown: {name}: {reason}", err=True)
    click.echo(f"Wrote {target} ({len(rendered) / 1e6:.1f} MB).")


def _checked(out: Path) -> Path:
    """Returns where the page goes, if it can be written; no result has a name like that."""
    try:
        if out.suffix != ".html":
            raise ValueError(f"expected a name that ends in .html, got {str(out)!r}")
        output.prepare([out])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--out'") from error
    return out
