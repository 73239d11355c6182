"""How much one city decides: coefficients with each city left out, from cross-products by city, without a refit."""

import numpy as np
import pandas as pd

from analysis.share.absorb import Floats, group
from analysis.share.left import UNIT, Left, left
from analysis.share.result import ShareFit


def influence(panel: pd.DataFrame, fit: ShareFit, driver: str, *, unit: str = UNIT) -> pd.DataFrame:
    """Change of each coefficient of `driver`, in its standard errors, when one city is left out.

    b without city c less b is -(A - A_c)^-1 X_c' e_c on the drivers X net of the effects, A = X'X. This is what a
    refit gives when every effect lies inside one city, such as those of the markets. Effects across cities (network
    by tier, network by month) stay as all cities set them: an approximation, good to the city's part of the rows.

    Parameters
    ----------
    panel : pandas.DataFrame
        The one the fit was made on.
    fit : ShareFit
        Without instruments.

    Returns
    -------
    pandas.DataFrame
        Cities x groups ("all" without `by`), standard errors; 0 for cities outside the group but for the effects they
        share.
    """
    return changes(left(panel, fit), fit, driver, unit=unit)


def changes(rest: Left, fit: ShareFit, driver: str, *, unit: str = UNIT) -> pd.DataFrame:
    """`influence` from what the fit left."""
    names = fit.slope(driver)[0].index
    places = _places(fit, driver)
    cities = group(rest.panel, unit)
    order = np.argsort(cities.codes, kind="stable")
    bounds = np.searchsorted(cities.codes[order], np.arange(cities.size + 1))
    drivers = rest.drivers[:, order]
    weighted = drivers * rest.weights[order]
    pull = weighted * rest.residuals[order]
    whole = weighted @ drivers.T
    spans = [slice(*bounds[c : c + 2]) for c in range(cities.size)]
    grams = np.stack([whole - weighted[:, s] @ drivers[:, s].T for s in spans])
    pulls = np.stack([pull[:, s].sum(axis=1) for s in spans])
    moved = -_solve(grams, pulls)[:, places] / fit.std_errors.to_numpy()[places]
    return pd.DataFrame(moved, cities.labels.rename(unit), names)


def _places(fit: ShareFit, driver: str) -> list[int]:
    labels = fit.params.index if fit.by is None else fit.params.index.get_level_values("driver")
    return np.flatnonzero(labels == driver).tolist()


def _solve(grams: Floats, pulls: Floats) -> Floats:
    """Solutions of many systems, scaled to unit diagonal; not a number where one city carried a coefficient alone."""
    diagonal = np.diagonal(grams, axis1=1, axis2=2)
    scale = 1 / np.sqrt(np.maximum(diagonal, 1e-300))
    scaled = grams * scale[:, :, None] * scale[:, None, :]
    lonely = np.linalg.eigvalsh(scaled)[:, 0] < 1e-10
    scaled[lonely] = np.eye(grams.shape[1])
    found = np.linalg.solve(scaled, (pulls * scale)[:, :, None])[:, :, 0] * scale
    found[lonely] = np.nan
    return found
