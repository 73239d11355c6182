"""Model card: what was fitted to what, and which checks it passed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a fitted share model.

    Attributes
    ----------
    code : str
        collinear, persistent, influence, poisson, tiers, hold_out, twins or few_clusters.
    passed : bool or None
        None where it does not apply; `values["reason"]` has a code that says why.
    value, threshold : float
        What was found and where it would fail; NaN where it does not apply.
    values : dict
        Everything a sentence about it needs.
    """

    code: str
    passed: bool | None
    value: float
    threshold: float
    values: dict[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a reader should know of a fit.

    Attributes
    ----------
    formula, data_version, estimator : str
    nobs, markets : int
    clusters : int or None
    checks : tuple of Check
    """

    formula: str
    data_version: str
    estimator: str
    nobs: int
    markets: int
    clusters: int | None
    checks: tuple[Check, ...]

    @property
    def passed(self) -> tuple[Check, ...]:
        """Checks passed."""
        return tuple(c for c in self.checks if c.passed is True)

    @property
    def failed(self) -> tuple[Check, ...]:
        """Checks failed."""
        return tuple(c for c in self.checks if c.passed is False)
