"""Numbers with their units, as people read them: three digits that count, no more."""

from __future__ import annotations

# Marks what a quick run shows.
QUICK = "quick run: figures mean little"


def seconds_text(seconds: float) -> str:
    """Returns a time such as `48.9 ms` or `612 us` (with the micro sign)."""
    if seconds >= 1.0:
        return f"{three(seconds)} s"
    if seconds >= 1e-3:
        return f"{three(seconds * 1e3)} ms"
    return f"{three(seconds * 1e6)} µs"


def whole_seconds_text(value: float) -> str:
    """Returns a round time for an axis: 100 µs, 1 ms, 10 s."""
    for factor, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")):
        if value >= factor * 0.999:
            return f"{value / factor:,.0f} {unit}"
    return f"{value:.0e} s"


def rate_text(rate: float) -> str:
    """Returns items per second such as `9,530`."""
    return three(rate)


def amount_text(value: float, unit: str) -> str:
    """Returns an amount with a decimal prefix such as `1.73 MFLOP` or `31.2 GB/s`; the unit may be empty."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{three(value / factor)} {prefix}{unit}"
    return f"{three(value)} {unit}".rstrip()


def real_time_text(factor: float) -> str:
    """Returns how many seconds of audio a second yields, such as `0.41×`; more than 1 keeps up."""
    return f"{three(factor)}×"


def bytes_text(count: int | None) -> str:
    """Returns a size in MB (10^6 bytes), a dash if it is not known."""
    return "-" if count is None else f"{count / 1e6:,.0f} MB"


def batch_text(items: int, common: int) -> str:
    """Returns `(of 512)` for a batch that is not as large as the others, else nothing."""
    return "" if items == common else f"(of {items:,})"


def share_text(share: float) -> str:
    """Returns a part of the bound such as `94%` or `0.3%`."""
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"


def ratio_text(ratio: float) -> str:
    """Returns a factor such as `41×`, `3.4×` or `0.95×`."""
    if ratio >= 9.95:
        return f"{ratio:,.0f}×"
    return f"{ratio:.1f}×" if ratio >= 1.95 else f"{ratio:.2f}×"


def three(value: float) -> str:
    """Returns a positive number rounded to three digits."""
    if value >= 1000:
        digits = len(f"{value:.0f}") - 3
        return f"{round(value, -digits):,.0f}"
    return (
        f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"
    )
