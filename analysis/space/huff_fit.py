"""Exponents of the Huff model from flows: how size draws and distance deters, with intervals.

Two ways. The likelihood, taken unless another is asked for, is that of a multinomial choice among the stations of an
origin, the same as a Poisson regression with an effect for every origin; pairs without a parcel count as such.
Log-centring is the check: it takes logarithms of shares over their geometric mean at each origin and fits a straight
line. A pair without a parcel has no logarithm, so that such pairs are dropped (which makes distance look less of a
hindrance) or raised by a constant (which decides the result when there are many), and logarithms of small counts make
distance look more of one. Where pairs differ by more than chance, as by how well they are known, it is the likelihood
that errs: far apart, the two say that the model misses something.

Both are consistent when only some stations of an origin are in the file, as long as choices are independent of
irrelevant alternatives, which the model says they are.

References
----------
Nakanishi, M. and Cooper, L. G. (1974), Parameter estimation for a multiplicative competitive interaction model: least
squares approach, Journal of Marketing Research 11(3), 303-311; (1982), Simplified estimation procedures for MCI
models, Marketing Science 1(3), 314-322. McFadden, D. (1978), Modelling the choice of residential location, in
Karlqvist, A. et al. (eds), Spatial Interaction Theory and Planning Models (samples of alternatives). Mancl, L. A. and
DeRouen, T. A. (2001), A covariance estimator for GEE with improved small-sample properties, Biometrics 57(1), 126-134
(errors of the likelihood).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.share.regression import regress
from analysis.share.result import critical
from analysis.space.catchment_base import Model
from analysis.space.choice_sets import HuffError as HuffError
from analysis.space.choice_sets import Laid, choice_sets, lay
from analysis.space.huff import ASSUMED, Floats, Ints
from data.grade import Grade

__all__ = ["ATTRACTION", "DISTANCE", "HuffError", "HuffFit", "choice_sets", "fit_huff"]

ATTRACTION, DISTANCE = "attraction_exponent", "distance_exponent"
ADDED = 0.1
"""What "add" raises every flow by, in the unit of the flows."""
STEPS = 100
SETTLED = 1e-10
FLAT = 1e-7
"""Curvature of the likelihood over that at exponents of 0, below which it has no top: one station takes everything."""
FEW = 10
"""Origins below which intervals are rough whatever the correction."""


@dataclass(frozen=True, slots=True)
class HuffFit:
    """Exponents with their errors.

    Attributes
    ----------
    method : str
        "log_centred" or "likelihood".
    zeros : str
        What became of pairs without flow: "none" (there were none), "kept", "dropped" or "added".
    params : pandas.Series
        attraction_exponent and distance_exponent (positive: farther is worse), NaN where not identified; then the
        logarithm of each network's brand over that of the first, where they were asked for.
    covariance : pandas.DataFrame
    level : float
        Confidence of `conf_int`.
    origins, pairs, without_flow : int
        What the fit rests on: origins, pairs used, pairs without flow before they were dealt with.
    not_identified : tuple of str
        Exponents that the flows say nothing about, because sizes or distances are alike at every origin.
    r_squared : float
        Of the logarithms over their geometric means (log-centring), NaN otherwise.
    log_likelihood : float
        Of the flows as choices (likelihood), NaN otherwise.
    predicted : pandas.DataFrame
        origin, station_id, flow, predicted (flow), share, predicted_share, of all pairs.
    errors : str
        "clustered" by origin or "classical".
    grade : Grade
        Estimated.
    """

    method: str
    zeros: str
    params: pd.Series
    covariance: pd.DataFrame
    level: float
    origins: int
    pairs: int
    without_flow: int
    not_identified: tuple[str, ...]
    r_squared: float
    log_likelihood: float
    predicted: pd.DataFrame
    errors: str
    grade: Grade = Grade.ESTIMATED

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors, NaN where not identified."""
        return pd.Series(np.sqrt(np.diag(self.covariance.to_numpy())), self.params.index)

    def conf_int(self, level: float | None = None) -> pd.DataFrame:
        """Interval of every parameter: low and high. Of clustered errors by Student's t with origins - 1 degrees."""
        df = np.full(len(self.params), self.origins - 1.0 if self.errors == "clustered" else np.inf)
        half = critical(self.level if level is None else level, df) * self.std_errors
        return pd.DataFrame({"low": self.params - half, "high": self.params + half})

    @property
    def explained(self) -> float:
        """Part of the variance of shares around their means at each origin that the model explains."""
        frame = self.predicted
        mean = frame.groupby("origin", sort=False)["share"].transform("mean")
        around = float(((frame["share"] - mean) ** 2).sum())
        return 1 - float(((frame["share"] - frame["predicted_share"]) ** 2).sum()) / around if around else float("nan")

    @property
    def flow(self) -> float:
        """Flow that the fit rests on: that of origins with a choice."""
        return float(self.predicted["flow"].sum())

    @property
    def wrong_signed(self) -> tuple[str, ...]:
        """Exponents below 0: size repels, or distance draws. `model` takes them as 0."""
        return tuple(name for name in (ATTRACTION, DISTANCE) if self.params[name] < 0)

    @property
    def beyond(self) -> tuple[str, ...]:
        """Exponents of the right sign outside the range of `huff.ASSUMED`: no study known here has such."""
        return tuple(
            key
            for key in (ATTRACTION, DISTANCE)
            if self.params[key] >= 0 and not ASSUMED[key].low <= self.params[key] <= ASSUMED[key].high
        )

    def model(self, base: Model | None = None) -> Model:
        """`base` with the exponents that are identified, 0 for one below it; estimated when both are as they came."""
        found, known = base or Model(), self.params[[ATTRACTION, DISTANCE]].dropna().clip(lower=0.0)
        grade = Grade.ESTIMATED if len(known) == 2 and not self.wrong_signed else Grade.ASSUMED
        return replace(
            found,
            attraction_exponent=float(known.get(ATTRACTION, found.attraction_exponent)),
            distance_exponent=float(known.get(DISTANCE, found.distance_exponent)),
            grade=grade,
        )


def fit_huff(
    flows: pd.DataFrame,
    *,
    origin: str = "origin",
    station: str = "station_id",
    flow: str = "parcels",
    size: str = "size",
    distance: str = "distance_m",
    network: str | None = None,
    method: str = "likelihood",
    zeros: str = "drop",
    added: float = ADDED,
    errors: str = "clustered",
    level: float = 0.95,
) -> HuffFit:
    """Fit the exponents.

    Parameters
    ----------
    flows : pandas.DataFrame
        One row a pair, those without flow included (`choice_sets` lays them out).
    origin, station, flow, size, distance : str
        Columns; flows 0 or more, sizes and distances above 0, each in one unit.
    network : str, optional
        Column whose values get an attraction of their own, so that a strong brand with large stations is not taken for
        an effect of size.
    method : str, optional
        "likelihood" (the default, whatever the flows) or "log_centred".
    zeros : str
        What log-centring does with pairs without flow: "drop" or "add" (`added` to every flow).
    errors : str
        "clustered" by origin, those of the likelihood with the correction of Mancl and DeRouen for few origins; or
        "classical".
    level : float
        Confidence of the intervals.

    Returns
    -------
    HuffFit
        Origins with one station or without flow tell nothing and are left out.

    Raises
    ------
    HuffError
        few_origins, few_pairs, not_identified (sizes and distances alike), bad_value, no_top.
    """
    laid = lay(flows, (origin, station, flow, size, distance), network)
    without = int((laid.flow == 0).sum())
    if method not in ("log_centred", "likelihood") or zeros not in ("drop", "add") or added <= 0:
        raise ValueError(f"{method!r}, {zeros!r} and {added} are no way to fit: see the parameters")
    used, kept = laid, "kept" if without else "none"
    if method == "log_centred" and without:
        used = laid.over_zero() if zeros == "drop" else replace(laid, flow=laid.flow + added)
        kept = "dropped" if zeros == "drop" else "added"
    on = used.identified()
    if method == "log_centred":
        params, covariance, r_squared, height = _log_centred(used, on, errors)
    else:
        params, covariance, r_squared, height = _likelihood(used, on, errors)
    names = [ATTRACTION, DISTANCE, *used.networks[1:]]
    slopes, spread = np.full(len(names), np.nan), np.full((len(names), len(names)), np.nan)
    slopes[on], spread[np.ix_(on, on)] = params, covariance
    return HuffFit(
        method,
        kept,
        pd.Series(slopes, names),
        pd.DataFrame(spread, names, names),
        level,
        used.origins,
        len(used.flow),
        without,
        tuple(name for name, column in zip(names, range(2), strict=False) if column not in on),
        r_squared,
        height,
        _predicted(laid, np.nan_to_num(slopes)),
        errors,
    )


def _log_centred(laid: Laid, on: Ints, errors: str) -> tuple[Floats, Floats, float, float]:
    outcome, drivers = laid.centred(np.log(laid.flow)), laid.centred(laid.drivers[on])
    clusters = laid.codes if errors == "clustered" else None
    found = regress(outcome, drivers, clusters=clusters, absorbed=0 if errors == "clustered" else laid.origins)
    return found.params, found.covariance, found.r_squared, float("nan")


def _likelihood(laid: Laid, on: Ints, errors: str) -> tuple[Floats, Floats, float, float]:
    """Newton's method on the multinomial likelihood, from exponents of 0."""
    drivers, params = laid.drivers[on], np.zeros(len(on))
    weight = laid.sums(laid.flow)[0]
    height = laid.log_likelihood(params @ drivers)
    expected, around, curve = _around(laid, drivers, params, weight)
    first = curve
    for _ in range(STEPS):
        slope = around @ (laid.flow - expected)
        step = np.linalg.solve(curve, slope)
        length, before = 1.0, height
        while (height := laid.log_likelihood((params + length * step) @ drivers)) < before and length > 1e-9:
            length /= 2
        params = params + length * step
        expected, around, curve = _around(laid, drivers, params, weight)
        if _flat(curve, first):
            raise HuffError("no_top", "one station takes every parcel of its origins: no exponent is large enough")
        if float(slope @ step) <= SETTLED * max(1.0, abs(height)):
            break
    bread = np.asarray(np.linalg.inv(curve), float)
    if errors == "clustered":
        bread = _sandwich(laid, around, expected, bread)
    return params, bread, float("nan"), height


def _around(laid: Laid, drivers: Floats, params: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Expected flows, drivers less their mean at each origin under them, and the curvature of the likelihood."""
    expected = np.asarray(weight * laid.shares(params @ drivers))
    around = np.asarray(drivers - laid.sums(drivers * expected) / weight)
    return expected, around, np.asarray((around * expected) @ around.T)


def _flat(curve: Floats, first: Floats) -> bool:
    """Whether the likelihood has lost its curvature in some direction: shares there are all 0 or 1."""
    root = np.linalg.inv(np.linalg.cholesky(first))
    return bool(np.linalg.eigvalsh(root @ curve @ root.T)[0] < FLAT)


def _sandwich(laid: Laid, around: Floats, expected: Floats, bread: Floats) -> Floats:
    """Covariance from the scores by origin, each enlarged by what its origin has drawn the fit to itself."""
    scores = np.stack([np.bincount(laid.codes, row, laid.origins) for row in around * (laid.flow - expected)], axis=1)
    rows = [[np.bincount(laid.codes, a * b * expected, laid.origins) for b in around] for a in around]
    pulled = np.moveaxis(np.array(rows), 2, 0) @ bread
    left = np.linalg.pinv(np.eye(len(around)) - pulled, rcond=1e-9)
    enlarged = np.einsum("oij,oj->oi", left, scores)
    return np.asarray(bread @ (enlarged.T @ enlarged) @ bread, float)


def _predicted(laid: Laid, slopes: Floats) -> pd.DataFrame:
    total = np.bincount(laid.codes, laid.flow, laid.origins)[laid.codes]
    share = laid.shares(slopes @ laid.drivers)
    return laid.names.assign(
        flow=laid.flow, predicted=share * total, share=laid.flow / total, predicted_share=share
    ).reset_index(drop=True)
