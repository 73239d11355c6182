"""The ratios that are kept: what each was found to be, and how much worse it may get before that is a regression."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FILE = Path(__file__).with_name("ratios.toml")
Verdict = Literal["better", "as found", "worse", "regression", "not measured"]
SAME = 1.1
"""Ratios that differ by less than this factor are as they were found."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One ratio.

    Attributes
    ----------
    key : str
        Module of `benchmarks`, a dot, and the name under which its `ratios()` answers.
    name : str
        What is divided by what.
    found : float
        What it was when it was written down.
    better : "more" or "less"
        Which way is good.
    factor : float
        Worse than found by more than this is a regression; above 1.
    command : str
        Tells more.
    quick : bool
        Whether `--quick` measures it.
    """

    key: str
    name: str
    found: float
    better: Literal["more", "less"]
    factor: float
    command: str
    quick: bool = False

    @property
    def module(self) -> str:
        """Module of `benchmarks` that measures it."""
        return self.key.partition(".")[0]

    @property
    def limit(self) -> float:
        """The worst that is no regression."""
        return self.found / self.factor if self.better == "more" else self.found * self.factor

    def worse_by(self, value: float) -> float:
        """The factor by which it got worse; below 1 for better."""
        return self.found / value if self.better == "more" else value / self.found

    def verdict(self, value: float | None) -> Verdict:
        """What to say of a value."""
        if value is None or not math.isfinite(value) or value <= 0:
            return "not measured"
        by = self.worse_by(value)
        if by > self.factor:
            return "regression"
        return "worse" if by > SAME else "better" if by < 1 / SAME else "as found"


def kept(path: Path = FILE) -> tuple[Kept, ...]:
    """All of the file, in its order."""
    with path.open("rb") as file:
        return tuple(Kept(key, **entry) for key, entry in _entries(tomllib.load(file)))


def _entries(table: Mapping[str, Mapping[str, dict[str, object]]]) -> list[tuple[str, dict[str, object]]]:
    return [(f"{module}.{name}", entry) for module, names in table.items() for name, entry in names.items()]


def better_of(one: Kept, values: Sequence[float]) -> float | None:
    """The best of several measurements; None for none."""
    known = [value for value in values if math.isfinite(value) and value > 0]
    return min(known, key=one.worse_by, default=None)


def rewritten(text: str, values: Mapping[str, float]) -> str:
    """The file with other values found: only those lines change."""
    key, lines = "", []
    for line in text.splitlines():
        if line.startswith("["):
            key = line.strip("[]").replace('"', "")
        if line.startswith("found =") and key in values:
            line = f"found = {shown(values[key])}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def shown(value: float) -> str:
    """Three figures."""
    return f"{float(f'{value:.3g}'):g}"
