"""Audio in the folder: a player, the waveform and the spectrogram of each file."""

from __future__ import annotations

import base64

from tfopt.report import charts, colours, sound
from tfopt.report.folder import Contents
from tfopt.report.markup import Markup, element, joined, paragraph
from tfopt.report.sound import Clip

_HEIGHT = 380  # pixels
_CHANNELS = {1: "mono", 2: "stereo"}


def section(contents: Contents) -> Markup:
    """Returns a part for each clip."""
    return joined(map(_clip, contents.clips))


def _clip(clip: Clip) -> Markup:
    data = base64.b64encode(clip.flac).decode("ascii")
    about = (
        f"{clip.rate / 1000:g} kHz, {_CHANNELS.get(clip.channels, f'{clip.channels} channels')}, "
        f"{clip.total_s:.2f} s"
    )
    if clip.seconds < clip.total_s:
        about += f", of which the first {clip.seconds:.0f} s are here"
    return element(
        "section",
        element("h3", clip.name),
        *([paragraph(clip.caption, class_="caption")] if clip.caption else []),
        paragraph(about, class_="faint"),
        element(
            "audio",
            controls="",
            preload="metadata",
            aria_label=clip.name,
            src=f"data:audio/flac;base64,{data}",
        ),
        _chart(clip),
    )


def _chart(clip: Clip) -> Markup:
    columns = clip.envelope.shape[1]
    rows, frames = clip.spectrogram.shape
    figure = charts.figure(
        _HEIGHT,
        xaxis=charts.axis(
            range=[0, clip.seconds], anchor="y2", ticksuffix=" s", nticks=6, showgrid=False
        ),
        yaxis=charts.axis(
            domain=[0.76, 1], range=[-32768, 32768], tickvals=[0], ticktext=[""], showgrid=False
        ),
        yaxis2=charts.axis(
            domain=[0, 0.7],
            range=[0, clip.rate / 2000],
            nticks=6,
            ticksuffix=" kHz",
            showgrid=False,
        ),
    )
    outline = {
        "x0": clip.seconds / columns / 2,
        "dx": clip.seconds / columns,
        "mode": "lines",
        "line": {"width": 0.5, "color": colours.of_series(0)},
        "hoverinfo": "skip",
    }
    low, high = clip.envelope
    figure.add_scatter(y=low, **outline)
    figure.add_scatter(y=high, fill="tonexty", fillcolor=colours.of_series(0), **outline)
    figure.add_heatmap(
        z=clip.spectrogram,
        yaxis="y2",
        x0=clip.seconds / frames / 2,
        dx=clip.seconds / frames,
        y0=clip.rate / 2000 / rows / 2,
        dy=clip.rate / 2000 / rows,
        zmin=-sound.RANGE_DB,
        zmax=0,
        zsmooth="fast",
        colorscale="Magma",
        colorbar={
            "len": 0.7,
            "y": 0,
            "yanchor": "bottom",
            "thickness": 10,
            "ticksuffix": " dB",
            "outlinewidth": 0,
            "tickfont": {"size": 11, "color": colours.FAINT},
        },
        hoverinfo="none",
    )
    extent = f"{clip.seconds:.2f} s, 0 to {clip.rate / 2000:g} kHz"
    return charts.chart(figure, f"Waveform and spectrogram of {clip.name}: {extent}", wide=True)
