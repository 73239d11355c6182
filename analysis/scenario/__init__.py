"""What if a network paid another subsidy? New shares, volumes and cost, with intervals from the fitted covariance.

Only contestable parcels move. With V' = V + b ds the new contestable share is
sigma'_j = sigma_j exp(b ds_j) / sum_k sigma_k exp(b ds_k), so observed shares are the starting point and a zero policy
returns them; captive parcels stay with their network.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.scenario.contest import MarketModel, market_model
from data.grade import Grade

__all__ = ["Caution", "Lever", "MarketModel", "Projection", "Scenario", "market_model", "simulate"]

Floats = npt.NDArray[np.float64]
ALL = "all"
BANDS = {"low_95": 0.025, "low_80": 0.1, "median": 0.5, "high_80": 0.9, "high_95": 0.975}


@dataclass(frozen=True, slots=True)
class Lever:
    """One network changes its subsidy.

    Attributes
    ----------
    platform : str
        Key of the network.
    change_cny_per_parcel : float
        Added to the subsidy in force in each city; a subsidy does not fall below 0.
    tier : str or None
        Tier in which it applies; None for all.
    """

    platform: str
    change_cny_per_parcel: float
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Named set of levers; levers on the same network and tier add up."""

    name: str
    levers: tuple[Lever, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know before trusting a projection.

    Attributes
    ----------
    code : str
        "outside_observed_range": new subsidies lie outside the positive subsidies of the panel (low, high, new_low,
        new_high, platform). "clipped_at_zero": the change would have made subsidies negative in `cities` cities.
        "not_offered": the lever meets no city where the network is present. "interval_includes_zero": the 95 %
        interval of the subsidy effect in `group` includes 0.
    values : dict
    """

    code: str
    values: dict[str, str | float]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """What a scenario does to one month.

    Attributes
    ----------
    scenario : Scenario
    month : pandas.Timestamp
    shares : pandas.DataFrame
        Index (tier or "all", platform). `observed`, `point` (coefficients at their estimates: these add to 1 and are
        what to show), `median`, `low_80`, `high_80`, `low_95`, `high_95`; fractions of all parcels. Without draws the
        last five are missing.
    volumes : pandas.DataFrame
        The same for parcels a month.
    cost : pandas.DataFrame
        Index platform (those with a lever). Subsidy in CNY a month: `before`, `after`, `change` (after - before at the
        point), and bands of the change as in `shares`.
    draws : int
    warnings : tuple of Caution
    grade : Grade
    """

    scenario: Scenario
    month: pd.Timestamp
    shares: pd.DataFrame
    volumes: pd.DataFrame
    cost: pd.DataFrame
    draws: int
    warnings: tuple[Caution, ...]
    grade: Grade = Grade.MODELLED


def simulate(scenario: Scenario, market_model: MarketModel, *, draws: int = 1000, seed: int = 0) -> Projection:
    """Project shares, volumes and cost of `scenario` in the market of `market_model`.

    Parameters
    ----------
    draws : int
        Coefficient vectors drawn from the clustered covariance (Student's t under 30 clusters); 0 gives the point
        alone, fast enough for every move of a slider. The same seed gives the same vectors to every scenario.
    """
    if draws < 0:
        raise ValueError(f"draws is {draws}: give 0 (point only) or more")
    model = market_model
    wanted = _changes(scenario, model)
    new = np.maximum(model.subsidy + wanted, 0.0)
    changed = np.flatnonzero((wanted != 0).any(axis=1))
    slopes = np.vstack([model.slopes, _draw(model, draws, seed)])
    volumes, cost = _respond(model, changed, new, slopes)
    return Projection(
        scenario=scenario,
        month=model.month,
        shares=_summary(_shares(volumes), _shares(model.volumes[None])[0], model),
        volumes=_summary(volumes, model.volumes, model),
        cost=_costs(model, changed, cost),
        draws=draws,
        warnings=(*_cautions(scenario, model, wanted, new, changed),),
    )


def _changes(scenario: Scenario, model: MarketModel) -> Floats:
    wanted = np.zeros_like(model.subsidy)
    for lever in scenario.levers:
        if lever.platform not in model.platforms:
            raise ValueError(f"{lever.platform!r} is not in this market: choose from {', '.join(model.platforms)}")
        if lever.tier is not None and lever.tier not in model.tiers:
            raise ValueError(f"no city of tier {lever.tier!r} in this market: choose from {', '.join(model.tiers)}")
        if not np.isfinite(lever.change_cny_per_parcel):
            raise ValueError(f"the change for {lever.platform!r} is {lever.change_cny_per_parcel}: give a number")
        where = slice(None) if lever.tier is None else model.span(lever.tier)
        wanted[model.platforms.index(lever.platform), where] += lever.change_cny_per_parcel
    return np.where(model.offered, wanted, 0.0)


def _draw(model: MarketModel, draws: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    normal = generator.standard_normal((draws, model.slopes.size))
    values, vectors = np.linalg.eigh(model.covariance)
    error = normal @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    few = np.isfinite(model.df)
    df = model.df[few]
    error[:, few] *= np.sqrt(df / generator.chisquare(df, (draws, df.size)))
    return model.slopes + error


def _respond(model: MarketModel, changed: npt.NDArray[np.int64], new: Floats, slopes: Floats) -> tuple[Floats, Floats]:
    """Volumes (draws, tiers, platforms) and subsidy of the changed networks (draws, changed), CNY a month.

    Only the changed networks need an exponential: the rest shrink with the common denominator, a matrix product.
    """
    volumes = np.empty((len(slopes), len(model.tiers), len(model.platforms)))
    cost = np.zeros((len(slopes), changed.size))
    for t, tier in enumerate(model.tiers):
        span = model.span(tier)
        sigma, captive = model.sigma[:, span], model.captive[:, span]
        gain = new[changed, span] - model.subsidy[changed, span]
        effect = slopes[:, model.group[span]]
        lift = np.empty((changed.size, *effect.shape))
        for j in range(changed.size):
            np.multiply(effect, gain[j], out=lift[j])
        np.expm1(lift, out=lift)
        base = model.free[span] / (1 + np.einsum("jdc,jc->dc", lift, sigma[changed]))
        volumes[:, t] = captive.sum(axis=1) + base @ sigma.T
        for j, platform in enumerate(changed):
            lift[j] += 1
            lift[j] *= base
            pay = new[platform, span]
            volumes[:, t, platform] = captive[platform].sum() + lift[j] @ sigma[platform]
            cost[:, j] += captive[platform] @ pay + lift[j] @ (sigma[platform] * pay)
    return volumes, cost


def _shares(volumes: Floats) -> Floats:
    """Shares (draws, tiers + 1, platforms), the last block for all tiers together."""
    whole = np.concatenate([volumes, volumes.sum(axis=1, keepdims=True)], axis=1)
    return whole / whole.sum(axis=2, keepdims=True)


def _bands(values: Floats) -> dict[str, Floats]:
    if not len(values):
        return {name: np.full(values.shape[1:], np.nan) for name in BANDS}
    return dict(zip(BANDS, np.quantile(values, list(BANDS.values()), axis=0), strict=True))


def _summary(values: Floats, observed: Floats, model: MarketModel) -> pd.DataFrame:
    labels = [*model.tiers, ALL]
    if values.shape[1] < len(labels):
        values = np.concatenate([values, values.sum(axis=1, keepdims=True)], axis=1)
        observed = np.concatenate([observed, observed.sum(axis=0, keepdims=True)])
    columns = {"observed": observed, "point": values[0], **_bands(values[1:])}
    index = pd.MultiIndex.from_product([labels, model.platforms], names=["tier", "platform"])
    return pd.DataFrame({name: column.ravel() for name, column in columns.items()}, index)


def _costs(model: MarketModel, changed: npt.NDArray[np.int64], cost: Floats) -> pd.DataFrame:
    before = ((model.captive + model.sigma * model.free) * model.subsidy).sum(axis=1)[changed]
    columns = {"before": before, "after": cost[0], "change": cost[0] - before, **_bands(cost[1:] - before)}
    return pd.DataFrame(columns, pd.Index([model.platforms[j] for j in changed], name="platform"))


def _cautions(
    scenario: Scenario, model: MarketModel, wanted: Floats, new: Floats, changed: npt.NDArray[np.int64]
) -> list[Caution]:
    found = [
        Caution("not_offered", {"platform": lever.platform, "tier": lever.tier or ALL})
        for lever in scenario.levers
        if not model.offered[
            model.platforms.index(lever.platform), slice(None) if lever.tier is None else model.span(lever.tier)
        ].any()
    ]
    low, high = model.observed_range
    for j in changed:
        name, moved = model.platforms[j], wanted[j] != 0
        paid = new[j][moved & (new[j] > 0)]
        if paid.size and (paid.min() < low - 1e-12 or paid.max() > high + 1e-12):
            values = {"low": low, "high": high, "new_low": float(paid.min()), "new_high": float(paid.max())}
            found.append(Caution("outside_observed_range", {"platform": name, **values}))
        clipped = int((model.subsidy[j] + wanted[j] < -1e-12).sum())
        if clipped:
            found.append(Caution("clipped_at_zero", {"platform": name, "cities": clipped}))
    touched = np.unique(model.group[(wanted != 0).any(axis=0)])
    half = model.critical_95 * np.sqrt(np.diag(model.covariance))
    found += [
        Caution("interval_includes_zero", {"group": model.groups[g]})
        for g in touched
        if abs(model.slopes[g]) <= half[g]
    ]
    return found
