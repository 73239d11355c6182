"""Nested logit on shares: networks of one kind are closer to each other than to the rest.

ln S_j = market + b x_j + rho ln(S_j within its nest) (Berry 1994; Cardell 1997). The share within the nest moves with
the shock of the network itself, so it is instrumented by what the nest holds: how many networks there are, and how
dense its rivals' stations lie. rho = 0 is the logit; as rho rises to 1, rivals outside the nest stop mattering.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import share
from analysis.share.absorb import Floats, group
from analysis.share.errors import ShareError
from analysis.share.instruments import rivals
from analysis.share.result import ShareFit
from data.grade import Grade
from data.platforms import PLATFORMS

KIND_OF_FORMAT = {"locker": "locker", "door": "door"}
"""Every other format is a place with people in it: a station."""
NEST, WITHIN, COUNT, DENSITY = "nest", "log_within_nest", "nest_networks", "nest_rivals_log_stations"
DENSITY_OF = "log_stations"


def kinds() -> dict[str, str]:
    """Nest of each network: station, locker or door."""
    return {key: KIND_OF_FORMAT.get(p.format, "station") for key, p in PLATFORMS.items()}


@dataclass(frozen=True, slots=True, eq=False)
class NestedFit:
    """Nested logit. Made by `fit_nested`.

    Attributes
    ----------
    fit : ShareFit
        Coefficients; with `by` each driver appears as "driver | group", and `log_within_nest` is rho.
    slopes : pandas.DataFrame
        Coefficient of each driver (columns) by group (rows; "all" without `by`), log-odds per unit within the nest's
        scale: divide by 1 - rho for the response inside a nest.
    rho, rho_low, rho_high : float
        With its 95 % interval.
    nests : dict
        Nest of each network.
    plausible : bool
        The interval of rho meets [0, 1), outside which no choice between networks gives these shares.
    grade : Grade
    """

    fit: ShareFit
    slopes: pd.DataFrame
    rho: float
    rho_low: float
    rho_high: float
    nests: dict[str, str]
    plausible: bool
    grade: Grade = Grade.ESTIMATED

    def elasticities(self, shares: pd.Series, level: pd.Series, driver: str, *, within: str = "all") -> pd.DataFrame:
        """Per cent change of each row network's share as each column network's driver rises by 1 per cent.

        `within` names the group when the fit was by group. Refused when rho is outside [0, 1).
        """
        slope = float(self.slopes.loc[within, driver])
        return elasticities(shares, level, self.nests, rho=self.rho, slope=slope)

    def diversion(self, shares: pd.Series) -> pd.DataFrame:
        """Where the parcels that leave a network go: from (rows) to (columns); every row adds to 1."""
        return diversion(shares, self.nests, rho=self.rho)

    def response(
        self, driver: str, *, rivalry: pd.Series | float = 1.0, factor: pd.Series | float = 1.0
    ) -> pd.DataFrame:
        """Own response to a driver by group: slope x (1 + rivalry rho / (1 - rho)), its error by the delta method.

        Parameters
        ----------
        driver : str
        rivalry : pandas.Series by group, or float
            1 gives slope / (1 - rho), the response inside a nest; `rivalry` of the module gives the number to hold
            against a logit coefficient.
        factor : pandas.Series by group, or float
            On the variance of the slope, for groups that few clusters hold.

        Returns
        -------
        pandas.DataFrame
            Index as `slopes`; estimate, std_error (log-odds per unit).
        """
        if not 0 <= self.rho < 1:
            raise ShareError("rho_outside", f"rho is {self.rho:.3f}: a nested logit needs it in [0, 1)")
        groups = self.slopes.index
        weight, scale = (np.broadcast_to(np.asarray(v, dtype=np.float64), len(groups)) for v in (rivalry, factor))
        plain = groups.size == 1 and driver in self.fit.drivers
        names = [driver] if plain else [f"{driver} | {label}" for label in groups]
        slope, v = self.slopes[driver].to_numpy(np.float64), self.fit.covariance
        by_slope, by_rho = 1 + weight * self.rho / (1 - self.rho), slope * weight / (1 - self.rho) ** 2
        own, both = np.diag(v.loc[names, names]) * scale, v.loc[names, WITHIN].to_numpy() * np.sqrt(scale)
        variance = by_slope**2 * own + 2 * by_slope * by_rho * both + by_rho**2 * float(v.loc[WITHIN, WITHIN])
        return pd.DataFrame({"estimate": slope * by_slope, "std_error": np.sqrt(variance)}, groups)


def fit_nested(
    panel: pd.DataFrame,
    drivers: Sequence[str],
    *,
    nests: Mapping[str, str] | str | None = None,
    market: Sequence[str] = ("city", "month"),
    alternative: str = "platform",
    volume: str = "parcels",
    by: str | None = None,
    effects: Sequence[str | Sequence[str]] = (),
    cluster: str | tuple[str, ...] | None = "city",
    instruments: Mapping[str, Sequence[str]] | None = None,
) -> NestedFit:
    """Fit the log-centred nested logit to a panel with one row per market and network.

    Parameters
    ----------
    panel, drivers, market, alternative, volume, effects, cluster
        As for `share.fit`; every volume is positive. Not changed.
    nests : mapping of str to str, or str, optional
        Nest of each network, or the column that holds it. By default stations, lockers and the door (`kinds`).
    by : str, optional
        Column whose values have coefficients of their own; rho is common to all.
    instruments : mapping of str to sequence of str, optional
        Of endogenous drivers, and of `log_within_nest` in place of the default: the number of networks in the nest
        and, where the panel has log_stations, the sum of its rivals' log_stations.
    """
    frame = panel.assign(**{NEST: _nest_column(panel, nests, alternative)})
    given = {d: tuple(columns) for d, columns in (instruments or {}).items()}
    _add_within(frame, volume, (*market, NEST))
    if WITHIN not in given:
        given[WITHIN] = _default_instruments(frame, (*market, NEST))
    slopes = [d for d in given if d != WITHIN]
    names, groups = _by_group(frame, [*drivers, *(z for d in slopes for z in given[d])], by)
    own = {name: tuple(names[z][k] for z in given[d]) for d in slopes for k, name in enumerate(names[d])}
    found = share.fit(
        frame,
        [*(name for d in drivers for name in names[d]), WITHIN],
        market=market,
        alternative=alternative,
        volume=volume,
        effects=effects,
        cluster=cluster,
        instruments={**own, WITHIN: given[WITHIN]},
    )
    return _result(
        found, pd.DataFrame({d: found.params[names[d]].to_numpy() for d in drivers}, groups), frame, alternative
    )


def _result(found: ShareFit, slopes: pd.DataFrame, frame: pd.DataFrame, alternative: str) -> NestedFit:
    rho, low, high = found.estimates(WITHIN).loc["all", ["estimate", "low", "high"]]
    pairs = frame[[alternative, NEST]].drop_duplicates()
    return NestedFit(
        fit=found,
        slopes=slopes,
        rho=float(rho),
        rho_low=float(low),
        rho_high=float(high),
        nests=dict(zip(pairs[alternative].astype(str), pairs[NEST].astype(str), strict=True)),
        plausible=bool(low < 1 and high >= 0),
    )


def _nest_column(panel: pd.DataFrame, nests: Mapping[str, str] | str | None, alternative: str) -> pd.Series:
    if isinstance(nests, str):
        return panel[nests].astype("category")
    known = kinds() if nests is None else nests
    codes, networks = pd.factorize(panel[alternative])
    missing = [str(n) for n in networks if n not in known]
    if missing:
        raise ValueError(f"{', '.join(missing)} has no nest: name one for each network in nests=")
    found = pd.Categorical([known[n] for n in networks])
    return pd.Series(pd.Categorical.from_codes(found.codes[codes], found.categories), panel.index)


def _add_within(frame: pd.DataFrame, volume: str, cell: tuple[str, ...]) -> None:
    groups = group(frame, cell)
    parcels = frame[volume].to_numpy(np.float64)
    if not (parcels > 0).all():
        raise ValueError(
            f"{int((parcels <= 0).sum())} cells have no {volume}, so no share within a nest: drop those rows"
        )
    frame[WITHIN] = np.log(parcels / np.bincount(groups.codes, parcels, groups.size)[groups.codes])
    frame[COUNT] = np.bincount(groups.codes, minlength=groups.size)[groups.codes].astype(np.float64)


def _default_instruments(frame: pd.DataFrame, cell: tuple[str, ...]) -> tuple[str, ...]:
    """Those that vary; a count that is always the same is absorbed with the networks' constants."""
    nests = group(frame, NEST)
    counts = frame[COUNT].to_numpy()
    average = np.bincount(nests.codes, counts, nests.size) / np.bincount(nests.codes)
    chosen = [] if (counts == average[nests.codes]).all() else [COUNT]
    if DENSITY_OF in frame:
        frame[DENSITY] = rivals(frame, DENSITY_OF, market=cell)
        chosen.append(DENSITY)
    if not chosen:
        raise ValueError(f"nothing instruments the share within a nest: give instruments={{{WITHIN!r}: [columns]}}")
    return tuple(chosen)


def _by_group(frame: pd.DataFrame, columns: list[str], by: str | None) -> tuple[dict[str, list[str]], pd.Index]:
    """Names of each column's copies by group, which are added to `frame`, and the groups."""
    if by is None:
        return {c: [c] for c in columns}, pd.Index(["all"])
    groups = group(frame, by)
    names = {c: [f"{c} | {label}" for label in groups.labels] for c in columns}
    for column, copies in names.items():
        values = frame[column].to_numpy(np.float64)
        for k, copy in enumerate(copies):
            frame[copy] = np.where(groups.codes == k, values, 0.0)
    return names, groups.labels


def rivalry(
    panel: pd.DataFrame,
    nests: Mapping[str, str],
    *,
    market: Sequence[str] = ("city", "month"),
    alternative: str = "platform",
    volume: str = "parcels",
    by: str | None = None,
) -> pd.Series:
    """How much room a network has left in its nest for each part it has left in the market, by group.

    Weighted by volume: mean of 1 - (share in the nest) over mean of 1 - (share of the market). With it
    `NestedFit.response` is own response / (1 - S), which the logit calls its coefficient.
    """
    markets = group(panel, market)
    networks = group(panel, alternative)
    kinds, names = pd.factorize(np.array([nests[str(n)] for n in networks.labels]))
    cell = markets.codes * len(names) + kinds[networks.codes]
    parcels = panel[volume].to_numpy(np.float64)
    left = [
        parcels * (1 - parcels / np.bincount(codes, parcels)[codes].clip(min=np.finfo(float).tiny))
        for codes in (cell, markets.codes)
    ]
    groups = group(panel, by) if by else None
    codes = groups.codes if groups else np.zeros(len(panel), dtype=np.int64)
    inside, outside = (np.bincount(codes, part) for part in left)
    room = np.divide(inside, outside, out=np.zeros_like(inside), where=outside > 0)
    return pd.Series(room, groups.labels if groups else ["all"])


def elasticities(
    shares: pd.Series, level: pd.Series, nests: Mapping[str, str], *, rho: float, slope: float
) -> pd.DataFrame:
    """Elasticity of the share of each row network with respect to the driver of each column network.

    Parameters
    ----------
    shares : pandas.Series
        Of all networks in one market, fractions that add to 1.
    level : pandas.Series
        The driver of each network, labelled as `shares`.
    nests : mapping of str to str
    rho : float
        In [0, 1); 0 gives the logit.
    slope : float
        Coefficient of the driver in ln S_j = slope x_j + rho ln S_j|nest.
    """
    values = level.reindex(shares.index).to_numpy(np.float64)
    found = slope * values * _responses(shares, nests, rho)
    return pd.DataFrame(found, shares.index.rename("share of"), shares.index.rename("driver of"))


def diversion(shares: pd.Series, nests: Mapping[str, str], *, rho: float) -> pd.DataFrame:
    """Where the parcels that leave a network go: from (rows) to (columns); every row adds to 1, the diagonal is 0."""
    if len(shares) < 2:
        raise ValueError("diversion needs two networks or more")
    change = _responses(shares, nests, rho).T * shares.to_numpy(np.float64)
    ratio = -change
    np.fill_diagonal(ratio, 0.0)
    ratio /= ratio.sum(axis=1, keepdims=True)
    return pd.DataFrame(ratio, shares.index.rename("from"), shares.index.rename("to"))


def _responses(shares: pd.Series, nests: Mapping[str, str], rho: float) -> Floats:
    """Change of ln S of each row as V of each column rises, V the part of utility that the driver enters."""
    values = shares.to_numpy(np.float64)
    if not (values > 0).all() or abs(values.sum() - 1) > 1e-9:
        raise ValueError("give shares of one market above 0 that add to 1: divide by their total first")
    if not 0 <= rho < 1:
        raise ValueError(f"rho is {rho:g}: a nested logit needs it in [0, 1)")
    nest = np.array([nests[str(n)] for n in shares.index])
    together = nest[:, None] == nest[None, :]
    within = values / (together @ values)
    out = -np.tile(values, (len(values), 1)) - rho / (1 - rho) * np.where(together, within[None, :], 0.0)
    out[np.diag_indices(len(values))] += 1 / (1 - rho)
    return out
