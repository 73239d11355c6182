"""A fitted share model: coefficients with their covariance, predictions, elasticities, diversion."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.share.absorb import group
from data.grade import Grade

if TYPE_CHECKING:
    from analysis.share.iv import TwoStage

Floats = npt.NDArray[np.float64]
FEW_CLUSTERS = 30
"""Below this many clusters intervals use Student's t with C - 1 degrees of freedom."""


def softmax(utility: Floats, markets: npt.NDArray[np.int64], size: int) -> Floats:
    """Logit shares of rows (rows,) within `size` markets; each market adds to 1."""
    top = np.full(size, -np.inf)
    np.maximum.at(top, markets, utility)
    attraction = np.exp(utility - top[markets])
    return attraction / np.bincount(markets, attraction, size)[markets]


def critical(level: float, df: Floats) -> Floats:
    """Two-sided critical values of Student's t, of the normal where `df` is infinite."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level}: give a probability between 0 and 1, such as 0.95")
    values = np.full(len(df), NormalDist().inv_cdf((1 + level) / 2))
    few = np.isfinite(df)
    if few.any():
        from scipy.special import stdtrit

        values[few] = stdtrit(df[few], (1 + level) / 2)
    return values


def diversion(shares: pd.Series) -> pd.DataFrame:
    """Where the parcels that leave a network go, under the logit: S_k / (1 - S_j).

    Parameters
    ----------
    shares : pandas.Series
        Shares of all alternatives in one market, fractions that add to 1.

    Returns
    -------
    pandas.DataFrame
        From (rows) to (columns); every row adds to 1, the diagonal is 0.
    """
    values = shares.to_numpy(dtype=np.float64)
    if values.size < 2 or not (values >= 0).all() or abs(values.sum() - 1) > 1e-9 or values.max() >= 1:
        raise ValueError("diversion needs two or more shares in [0, 1) that add to 1: divide by their total first")
    ratio = values[None, :] / (1 - values[:, None])
    np.fill_diagonal(ratio, 0.0)
    return pd.DataFrame(ratio, shares.index.rename("from"), shares.index.rename("to"))


@dataclass(frozen=True, slots=True, eq=False)
class ShareFit:
    """Attraction model V = effects + b x, shares = exp V / sum exp V within a market. Made by `analysis.share.fit`.

    Attributes
    ----------
    params : pandas.Series
        Coefficients, log-odds per unit of the driver; index driver, or (group, driver) with `by`.
    std_errors : pandas.Series
    covariance : pandas.DataFrame
        Of all coefficients, labelled as `params` on both sides.
    nobs, markets : int
        Rows and markets used.
    dropped : int
        Rows left out: with "poisson" those whose market, or an effect of theirs, has no parcels at all; with "berry"
        those of the outside.
    clusters : int or None
        Groups of the clustered covariance (the fewer of two ways); None for the classical one.
    df : pandas.Series
        Degrees of freedom of each interval, labelled as `params`: C - 1 where fewer than 30 clusters C hold the group
        of the coefficient (the four cities of Tier 1, say), otherwise infinite.
    estimator : str
        "log-centred", "poisson" or "berry".
    drivers : tuple of str
    by : str or None
        Column whose values have coefficients of their own.
    market : tuple of str
    alternative, volume : str
    outside : str or None
        With "berry" the alternative whose utility is 0.
    cluster : tuple of str
        Columns of the clusters, none for the classical covariance.
    formula : str
        Outcome ~ drivers | effects | instruments | clusters.
    r_squared_within : float or None
        Part of the variance left after the effects that the drivers explain; None for "poisson" and with instruments.
    effects : dict
        Absorbed effects in log-odds by grouping; meaningful as differences within a market.
    residuals : pandas.Series
        Of the panel's rows used: log-odds left unexplained; for "poisson" volume over its mean, less 1.
    instrumented : TwoStage or None
        First stage and tests, when drivers were instrumented.
    grade : Grade
    """

    params: pd.Series
    std_errors: pd.Series
    covariance: pd.DataFrame
    nobs: int
    markets: int
    dropped: int
    clusters: int | None
    df: pd.Series
    estimator: str
    drivers: tuple[str, ...]
    by: str | None
    market: tuple[str, ...]
    alternative: str
    volume: str
    outside: str | None
    cluster: tuple[str, ...]
    formula: str
    r_squared_within: float | None
    effects: dict[tuple[str, ...], pd.Series]
    residuals: pd.Series
    instrumented: "TwoStage | None"
    grade: Grade = Grade.ESTIMATED

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Interval of each coefficient: columns low, high."""
        half = critical(level, self.df.to_numpy()) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    def slope(self, driver: str) -> tuple[pd.Series, pd.DataFrame]:
        """Coefficients of one driver by group ("all" without `by`) and their covariance."""
        if driver not in self.drivers:
            raise ValueError(f"{driver!r} is not a driver of this fit: choose from {', '.join(self.drivers)}")
        if self.by is None:
            return (
                pd.Series([self.params[driver]], ["all"], name=driver),
                pd.DataFrame([[self.covariance.loc[driver, driver]]], ["all"], ["all"]),
            )
        slopes = self.params.xs(driver, level="driver").rename(driver)
        return slopes, self.covariance.xs(driver, level="driver").xs(driver, level="driver", axis=1)

    def estimates(self, driver: str, *, level: float = 0.95) -> pd.DataFrame:
        """One driver by group ("all" without `by`): columns estimate, std_error, low, high."""
        slopes, covariance = self.slope(driver)
        error = np.sqrt(np.diag(covariance))
        half = critical(level, self.freedom(driver)) * error
        return pd.DataFrame({"estimate": slopes, "std_error": error, "low": slopes - half, "high": slopes + half})

    def freedom(self, driver: str) -> Floats:
        """Degrees of freedom of the coefficients of `slope`, in their order."""
        df = self.df[[driver]] if self.by is None else self.df.xs(driver, level="driver")
        return df.to_numpy(np.float64)

    def utility(self, panel: pd.DataFrame) -> pd.Series:
        """V of each row, log-odds up to a constant of the market; 0 for the outside."""
        inside = self._inside(panel)
        rows = panel if inside.all() else panel.loc[inside]
        values = np.zeros(len(rows))
        for driver in self.drivers:
            values += self._by_row(rows, self.slope(driver)[0]) * rows[driver].to_numpy(np.float64)
        for columns, effect in self.effects.items():
            values += _look_up(rows, columns, effect)
        out = np.zeros(len(panel))
        out[inside] = values
        return pd.Series(out, panel.index, name="utility")

    def _inside(self, panel: pd.DataFrame) -> npt.NDArray[np.bool_]:
        if self.outside is None:
            return np.ones(len(panel), dtype=bool)
        return (panel[self.alternative] != self.outside).to_numpy()

    def predict(self, panel: pd.DataFrame) -> pd.Series:
        """Share of each row within its market; every market adds to 1.

        A network listed twice in a market counts as two alternatives: that is how an entrant is modelled on an
        incumbent. Rows whose effects were not in the fit raise ValueError. A fit with an outside option needs its
        row in each market.
        """
        missing = [c for c in (*self.market, *self.drivers) if c not in panel]
        if missing:
            raise ValueError(f"cannot predict without {', '.join(missing)}: add these columns")
        markets = group(panel, self.market)
        if self.outside is not None:
            bases = np.bincount(markets.codes[~self._inside(panel)], minlength=markets.size)
            if (bases != 1).any():
                raise ValueError(f"every market needs one row of the outside option {self.outside!r}: add it")
        shares = softmax(self.utility(panel).to_numpy(), markets.codes, markets.size)
        return pd.Series(shares, panel.index, name="share")

    def elasticities(
        self, panel: pd.DataFrame, driver: str, *, level: float = 0.95, step: float = 0.01, logged: bool = False
    ) -> pd.DataFrame:
        """Response of each network's volume by group, at the volumes and drivers of `panel`.

        Parameters
        ----------
        panel : pandas.DataFrame
            Rows as for the fit; keep one month for the elasticities of that month.
        driver : str
        level : float
            Of the intervals, which are linear in the coefficient (delta method).
        step : float
            Change of the driver for `points`: 0.01 is one fen of a subsidy in CNY.
        logged : bool
            The driver is a logarithm: elasticities are with respect to what it is the logarithm of.

        Returns
        -------
        pandas.DataFrame
            Index (group, alternative), the outside left out. `share` (of the group's volume), `level`
            (volume-weighted driver), `own` = b x (1 - S) weighted by own volume, `cross` = -b x S (change of each
            rival's volume) weighted by rivals' volume, `points` = change of the group's share in points per `step` to
            first order; each response with `_low` and `_high`.
        """
        slopes, covariance = self.slope(driver)
        markets = group(panel, self.market)
        volume = panel[self.volume].to_numpy(np.float64)
        total = np.bincount(markets.codes, volume, markets.size)[markets.codes]
        if not (total > 0).all():
            raise ValueError("a market has no parcels: leave it out of the panel")
        share, level_x = volume / total, panel[driver].to_numpy(np.float64)
        x = np.ones_like(level_x) if logged else level_x
        rows = pd.DataFrame(
            {
                "volume": volume,
                "total": total,
                "level": volume * level_x,
                "own": volume * x * (1 - share),
                "cross": -(total - volume) * x * share,
                "points": 100 * step * volume * (1 - share),
            }
        )
        keys = [panel[self.by].array if self.by else np.repeat("all", len(panel)), panel[self.alternative].array]
        inside = self._inside(panel)
        sums = rows[inside].groupby([key[inside] for key in keys], observed=True).sum()
        sums.index.names = [self.by or "group", self.alternative]
        return _responses(sums, slopes, covariance, critical(level, self.freedom(driver)))

    @staticmethod
    def diversion(shares: pd.Series) -> pd.DataFrame:
        """Where the parcels that leave a network go: see `analysis.share.result.diversion`."""
        return diversion(shares)

    def _by_row(self, panel: pd.DataFrame, slopes: pd.Series) -> Floats:
        if self.by is None:
            return np.full(len(panel), slopes.iloc[0])
        return _look_up(panel, (self.by,), slopes)


def _look_up(panel: pd.DataFrame, columns: tuple[str, ...], values: pd.Series) -> Floats:
    groups = group(panel, columns)
    place = values.index.get_indexer(groups.labels)
    if (place < 0).any():
        unseen = groups.labels[place < 0]
        raise ValueError(
            f"{len(unseen)} levels of {' x '.join(columns)} were not in the fit (first: {unseen[0]}): "
            "fit on a panel that has them or drop these rows"
        )
    return values.to_numpy(np.float64)[place][groups.codes]


def _responses(sums: pd.DataFrame, slopes: pd.Series, covariance: pd.DataFrame, z: Floats) -> pd.DataFrame:
    groups = sums.index.get_level_values(0)
    b = slopes.reindex(groups).to_numpy(np.float64)
    if np.isnan(b).any():
        raise ValueError(f"no coefficient for {groups[np.isnan(b)][0]}: fit on a panel that has this group")
    half_width = pd.Series(z * np.sqrt(np.diag(covariance)), slopes.index).reindex(groups).to_numpy(np.float64)
    total = sums["volume"].groupby(level=0, observed=True).transform("sum")
    out = pd.DataFrame({"share": sums["volume"] / total, "level": sums["level"] / sums["volume"]})
    bases = {
        "own": sums["own"] / sums["volume"],
        "cross": sums["cross"] / (sums["total"] - sums["volume"]),
        "points": sums["points"] / total,
    }
    for name, base in bases.items():
        out[name] = b * base
        half = half_width * base.abs()
        out[f"{name}_low"], out[f"{name}_high"] = out[name] - half, out[name] + half
    return out
