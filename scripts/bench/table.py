"""Tables of figures, and their spread."""

from collections.abc import Iterable, Sequence
from statistics import median


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and from where to where the rounds went."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which that part of them lies; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def print_table(title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    print(f"\n{title}\n")
    for number, line in enumerate(lines):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
