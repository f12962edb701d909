"""Medians side by side, their ratio, and the bar that it must reach."""

import statistics


def median(runs, figure):
    return statistics.median(run[figure] for run in runs)


def spread(runs, figure):
    """Median, with the least and the most: how noisy it was."""
    values = [run[figure] for run in runs]
    if len(values) == 1:
        return number(values[0])
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def number(value):
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


class Report:
    """Collects tables as they are measured, and the bars that were missed."""

    def __init__(self):
        self.bars = []

    def table(self, title, heads, rows):
        widths = [max(len(str(row[at])) for row in [heads, *rows]) for at in range(len(heads))]
        print(f"\n## {title}\n", flush=True)
        for row in [heads, ["-" * width for width in widths], *rows]:
            print("| " + " | ".join(str(cell).ljust(width) for cell, width in zip(row, widths)) + " |", flush=True)

    def bar(self, what, value, wanted, unit="×", least=True):
        """A line under the table. `least`: the value must reach the bar; else it must stay below."""
        holds = value >= wanted if least else value <= wanted
        sign = "≥" if least else "≤"
        self.bars.append((holds, f"{what}: {number(value)}{unit}, bar {sign} {number(wanted)}{unit}"))
        print(f"\n{'holds ' if holds else 'MISSED'}  {self.bars[-1][1]}", flush=True)

    def finish(self):
        """All bars once more; the exit status."""
        print("\n## All bars\n", flush=True)
        for holds, line in self.bars:
            print(f"{'holds ' if holds else 'MISSED'}  {line}", flush=True)
        return 0 if self.bars and all(holds for holds, _ in self.bars) else 1
