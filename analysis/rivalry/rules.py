"""How a network answers to the subsidies of others."""

from dataclasses import dataclass

KINDS = ("static", "match", "best_response", "budget")
"""Static: hold still. Match: pay a share of what the others added. Best response: what earns it most. Budget: the same
with a cap on what it pays a month."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Answer of one network.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    share : float
        Part of the others' largest change that "match" adds, 0 to 2.
    lag_months : int
        Months until it answers; "best_response" and "budget" answer again every so many months (at least 1).
    budget_cny_per_month : float
        Most that "budget" pays in subsidies a month; without meaning for the others.
    """

    kind: str = "static"
    share: float = 1.0
    lag_months: int = 1
    budget_cny_per_month: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no rule: choose from {', '.join(KINDS)}")
        if not 0 <= self.share <= 2:
            raise ValueError(f"the share to match is {self.share}: give 0 to 2")
        if self.lag_months < (1 if self.kind in ("best_response", "budget") else 0):
            raise ValueError(f"the lag is {self.lag_months} months: give 1 or more")
        if not self.budget_cny_per_month >= 0:
            raise ValueError(f"the budget is {self.budget_cny_per_month} CNY a month: give 0 or more")
