"""What an estimator of the share model gets: a checked plan, and the panel as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.share.absorb import Codes, Floats, Grouping, group
from analysis.share.errors import ShareError
from analysis.share.regression import clusters_held

OUTCOMES = {"log-centred": "ln {volume}", "poisson": "{volume}", "berry": "ln {volume} - ln {volume} of {outside}"}
"""Left-hand side of each estimator."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Columns and choices of a fit; `effects` are the groupings absorbed, the market among them where it is."""

    drivers: tuple[str, ...]
    market: tuple[str, ...]
    alternative: str
    volume: str
    by: str | None
    effects: tuple[tuple[str, ...], ...]
    cluster: tuple[str, ...]
    estimator: str
    instruments: Mapping[str, tuple[str, ...]]
    outside: str | None

    @property
    def excluded(self) -> tuple[str, ...]:
        """Columns that instrument a driver and are not drivers."""
        return tuple(dict.fromkeys(c for columns in self.instruments.values() for c in columns))

    @property
    def formula(self) -> str:
        """The fit in one line: outcome ~ drivers | effects | instruments | clusters."""
        drivers = " + ".join(self.drivers)
        parts = [
            f"{OUTCOMES[self.estimator].format(volume=self.volume, outside=self.outside)} ~ "
            + (drivers if self.by is None else f"{self.by} x ({drivers})"),
            " + ".join(" x ".join(e) for e in self.effects if e),
            "; ".join(f"{d} ~ {' + '.join(z)}" for d, z in self.instruments.items()),
            f"errors by {' and '.join(self.cluster)}" if self.cluster else "",
        ]
        return " | ".join(p for p in parts if p)


@dataclass(frozen=True, slots=True)
class Design:
    """The panel as arrays.

    Attributes
    ----------
    rows : pandas.Index
        Of the panel's rows used.
    outcome : (rows,) float64
        Volumes, or ln S_j - ln S_outside for "berry".
    drivers : (k, rows) float64
    labels : pandas.Index
        Of the k coefficients.
    groupings : tuple of Grouping
        To absorb; the markets first where they are absorbed.
    clusters : tuple of (rows,) int64
        None, one or two.
    held : (k,) float64
        Clusters that hold the group of each coefficient; infinite without clusters.
    markets : int
    endogenous : (e,) int64
        Positions of the coefficients whose driver is instrumented.
    instruments : (z, rows) float64
        Excluded instruments; none without an endogenous driver.
    own : (e, z) bool
        Instruments of the group (by `by`) of each endogenous coefficient.
    """

    rows: pd.Index
    outcome: Floats
    drivers: Floats
    labels: pd.Index
    groupings: tuple[Grouping, ...]
    clusters: tuple[Codes, ...]
    held: Floats
    markets: int
    endogenous: Codes
    instruments: Floats
    own: npt.NDArray[np.bool_]


def absorbed(
    effects: Sequence[str | Sequence[str]], *, alternative: str | None, by: str | None, constants: bool
) -> list[tuple[str, ...]]:
    """Groupings wanted, with a constant for each alternative (by `by`) unless one of them holds the alternative."""
    if isinstance(effects, str):
        raise TypeError(f"effects is the text {effects!r}: give a tuple of groupings, such as ({effects!r},)")
    wanted = [(e,) if isinstance(e, str) else tuple(e) for e in effects]
    if constants and not any(alternative in e for e in wanted):
        wanted.insert(0, tuple(c for c in (alternative, by) if c is not None))
    return wanted


def _check(panel: pd.DataFrame, plan: Plan) -> None:
    needed = (*plan.drivers, *plan.excluded, plan.volume, *plan.market, plan.alternative, *plan.cluster)
    missing = [c for c in dict.fromkeys((*needed, *(c for e in plan.effects for c in e))) if c not in panel]
    if missing:
        raise ValueError(f"the panel has no column {', '.join(missing)}: it has {', '.join(map(str, panel.columns))}")
    if not plan.drivers or len(set(plan.drivers)) < len(plan.drivers):
        raise ValueError("name one or more different drivers")
    if panel.empty:
        raise ValueError("the panel has no rows: widen the filter")
    if (panel[plan.volume] < 0).any():
        raise ValueError(f"column {plan.volume!r} has negative volumes: correct or drop those rows")
    if len(plan.cluster) > 2:
        raise ValueError("errors cluster by one column or by two: name at most two")
    _check_instruments(plan)


def _check_instruments(plan: Plan) -> None:
    if not plan.instruments:
        return
    if len(plan.cluster) > 1:
        raise ValueError("instruments need errors clustered by one column: name the one with fewer values")
    if plan.estimator == "poisson":
        raise ValueError("instruments need a linear outcome: use estimator='log-centred' or 'berry'")
    unknown = [d for d in plan.instruments if d not in plan.drivers]
    if unknown:
        raise ValueError(f"{', '.join(unknown)} has instruments and is no driver: add it to the drivers")
    both = [c for c in plan.excluded if c in plan.drivers]
    if both:
        raise ValueError(f"{', '.join(both)} is a driver and cannot be an excluded instrument as well")
    if len(plan.excluded) < len(plan.instruments):
        raise ValueError("each instrumented driver needs an instrument of its own: name one more column")


def _check_finite(panel: pd.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        bad = int((~np.isfinite(panel[column].to_numpy(np.float64))).sum())
        if bad:
            raise ValueError(f"column {column!r} has {bad} cells that are not finite numbers: fill or drop those rows")


def _check_unique(panel: pd.DataFrame, plan: Plan, markets: Grouping) -> None:
    if plan.alternative in plan.market:
        double = len(panel) - markets.size
    else:
        networks = group(panel, plan.alternative)
        cells = np.bincount(markets.codes * networks.size + networks.codes, minlength=1)
        double = len(panel) - int(np.count_nonzero(cells))
    if double:
        raise ValueError(f"{double} rows repeat a market and alternative: add their volumes up first")


def _with_parcels(panel: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Rows whose market and effects all have parcels: the others fit perfectly at minus infinity."""
    used = panel
    while len(used):
        keep = np.ones(len(used), dtype=bool)
        for columns in plan.effects:
            groups = group(used, columns)
            keep &= (np.bincount(groups.codes, used[plan.volume], groups.size) > 0)[groups.codes]
        if keep.all():
            return used
        used = used.loc[keep]
    raise ShareError("no_volume", f"no market has any {plan.volume}: check the volume column")


def _over_outside(panel: pd.DataFrame, plan: Plan, markets: Grouping) -> tuple[pd.DataFrame, Floats]:
    """Rows of the inside alternatives and ln S_j - ln S_outside of each."""
    volume = panel[plan.volume].to_numpy(np.float64)
    outside = (panel[plan.alternative] == plan.outside).to_numpy()
    if not outside.any() or outside.all():
        raise ValueError(f"estimator='berry' needs rows of the outside option {plan.outside!r} and of others")
    base = np.bincount(markets.codes[outside], volume[outside], markets.size)[markets.codes]
    empty = int(((volume == 0) | (base == 0)).sum())
    if empty:
        raise ValueError(f"{empty} cells have no volume, or none of {plan.outside!r} beside them: drop those markets")
    return panel.loc[~outside], np.log(volume / base)[~outside]


def checked(panel: pd.DataFrame, plan: Plan) -> Grouping:
    """Markets of a panel that the plan can be carried out on; refuse any other, naming the remedy."""
    _check(panel, plan)
    _check_finite(panel, [plan.volume])
    markets = group(panel, plan.market)
    _check_unique(panel, plan, markets)
    return markets


def design(panel: pd.DataFrame, plan: Plan) -> Design:
    """Check the panel against the plan and lay it out."""
    markets = checked(panel, plan)
    if plan.estimator == "berry":
        used, outcome = _over_outside(panel, plan, markets)
    else:
        used = _with_parcels(panel, plan) if plan.estimator == "poisson" else panel
        outcome = used[plan.volume].to_numpy(np.float64)
    if len(used) < len(panel):
        markets = group(used, plan.market)
    return layout(used, outcome, plan, markets)


def layout(used: pd.DataFrame, outcome: Floats, plan: Plan, markets: Grouping) -> Design:
    """Arrays of the rows used."""
    _check_finite(used, (*plan.drivers, *plan.excluded))
    columns, labels = _columns(used, plan.drivers, plan.by)
    groupings = [markets if e == plan.market else group(used, e) for e in plan.effects]
    if plan.effects[0] != plan.market:
        groupings.sort(key=lambda g: -g.size)
    names = labels if plan.by is None else labels.get_level_values("driver")
    clusters = tuple(_clusters(used, c) for c in plan.cluster)
    endogenous = np.flatnonzero(names.isin(list(plan.instruments)))
    groups = np.arange(len(labels) // len(plan.drivers)).repeat(len(plan.excluded))
    return Design(
        rows=used.index,
        outcome=outcome,
        drivers=columns,
        labels=labels,
        groupings=tuple(groupings),
        clusters=clusters,
        held=clusters_held(used, plan.by, clusters, len(plan.drivers)),
        markets=markets.size,
        endogenous=endogenous,
        instruments=_columns(used, plan.excluded, plan.by)[0] if plan.excluded else np.empty((0, len(used))),
        own=endogenous[:, None] // len(plan.drivers) == groups,
    )


def _clusters(panel: pd.DataFrame, column: str) -> Codes:
    groups = group(panel, column)
    if groups.size < 2:
        raise ShareError("few_clusters", f"{column!r} has one value only: clustered errors need two clusters or more")
    return groups.codes


def _columns(panel: pd.DataFrame, drivers: tuple[str, ...], by: str | None) -> tuple[Floats, pd.Index]:
    values = np.stack([panel[d].to_numpy(np.float64) for d in drivers])
    if by is None:
        return values, pd.Index(drivers, name="driver")
    groups = group(panel, by)
    columns = np.zeros((groups.size, len(drivers), len(panel)))
    for k in range(groups.size):
        np.multiply(values, groups.codes == k, out=columns[k])
    labels = pd.MultiIndex.from_product([groups.labels, list(drivers)], names=[by, "driver"])
    return columns.reshape(-1, len(panel)), labels
