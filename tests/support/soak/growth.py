"""Whether what processes hold grows with what is done over and over."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.support.soak.holdings import Holding

Look = Mapping[str, Holding]

# A worker of a pool, a socket that is being made: not one with each cycle, nor with each hundredth.
SLACK = 3
# After a third of the cycles pools, caches and code that is loaded late are there.
WARM = 1 / 3
KIB = 1024


@dataclass(frozen=True)
class Allowance:
    """What a cycle may add to one process, as the slope of the last two thirds.

    Attributes
    ----------
    memory
        KiB.
    objects
        Python objects.
    dom
        Nodes of a page, and listeners.
    """

    memory: float
    objects: float = 0.5
    dom: float = 0.0


@dataclass(frozen=True)
class Growth:
    """How one process's holdings have grown from the warm-up's end to the end.

    Attributes
    ----------
    before, after
        What it held.
    memory, objects
        By how many KiB and Python objects it grew with each cycle.
    """

    before: Holding
    after: Holding
    memory: float
    objects: float

    def problems(self, allowed: Allowance, cycles: float) -> list[str]:
        """Return what has grown though it must not, after so many cycles."""
        most = {name: slack(cycles) for name in self.after.counts}
        for name in most.keys() & {"nodes", "listeners"}:
            most[name] += allowed.dom * cycles
        counts = [
            f"{count - self.before.counts[name]} more {name} ({self.before.counts[name]} to {count})"
            for name, count in self.after.counts.items()
            if name != "objects" and count > self.before.counts[name] + most[name]
        ]
        slopes = [
            f"{slope:.2f} {unit} with each cycle (at most {bound:g})"
            for slope, bound, unit in (
                (self.memory, allowed.memory, "KiB"),
                (self.objects, allowed.objects, "objects"),
            )
            if slope > bound
        ]
        return counts + slopes


def slack(cycles: float) -> float:
    """Return how many more of a thing there may be after so many cycles."""
    return max(SLACK, cycles / 100)


def warm(looks: int) -> int:
    """Return which of so many looks is the first that counts."""
    return round((looks - 1) * WARM)


def growths(looks: Sequence[tuple[float, Look]]) -> dict[str, Growth]:
    """Return each process's growth; a look is what was held after so many cycles."""
    counted = looks[warm(len(looks)) :]
    cycles = [cycle for cycle, _ in counted]
    found = {}
    for name in looks[0][1]:
        held = [look[name] for _, look in counted]
        memory = statistics.linear_regression(cycles, [each.memory * KIB for each in held]).slope
        objects = statistics.linear_regression(cycles, [each.counts.get("objects", 0) for each in held]).slope
        found[name] = Growth(held[0], held[-1], memory, objects)
    return found


def table(title: str, grown: Mapping[str, Growth]) -> str:
    """Return the rows of a Markdown table."""
    rows = []
    for name, growth in grown.items():
        counts = ", ".join(
            f"{key} {growth.before.counts[key]}"
            + (f" to {value}" if value != growth.before.counts[key] else "")
            for key, value in growth.after.counts.items()
            if key != "objects"
        )
        memory = f"{growth.before.memory:.1f} to {growth.after.memory:.1f} MiB, {growth.memory:+.2f} KiB"
        rows.append(f"| {title} | {name} | {memory} | {growth.objects:+.2f} | {counts} |")
    return "\n".join(rows)
