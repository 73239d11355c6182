"""Near twins: networks whose unexplained success moves together, which the logit's proportional substitution denies.

The logit lets every rival lose the same percentage to a newcomer (red bus, blue bus). If two networks are alike, what
one gains by chance the other gains as well, and they take from each other more than the model says.
"""

import numpy as np
import pandas as pd

from analysis.share.absorb import Floats, Grouping, group
from analysis.share.left import used
from analysis.share.result import ShareFit

TWINS = 0.5
"""Corrected correlation from which two networks are near twins."""
LEAST_MARKETS = 30
LEAST_CITIES = 12
"""Clusters that two networks must share: months of one city are no independent witnesses."""


def find(panel: pd.DataFrame, fit: ShareFit, *, least: float = TWINS) -> pd.DataFrame:
    """Pairs of networks that move together more than the logit allows: rows of `pairs` with `corrected` >= `least`."""
    table = pairs(panel, fit)
    return table[table["corrected"] >= least].reset_index(drop=True)


def pairs(panel: pd.DataFrame, fit: ShareFit) -> pd.DataFrame:
    """Every two networks that share thirty markets or more, in a dozen clusters or more, closest first.

    Residuals add to 0 in every market, so that independent networks of equal noise correlate at -1/(J-1) among J.
    `corrected` = (correlation + 1/(J-1)) / (1 + 1/(J-1)), J the mean over the markets shared: 0 for independent
    networks, 1 for perfect twins. Shares show differences alone: among few networks a shock that two of them share
    looks much like one that the others share, and the figure falls short of the true correlation.

    Returns
    -------
    pandas.DataFrame
        first, second, correlation, corrected, markets (shared).
    """
    rows = used(panel, fit)
    markets, networks = group(rows, fit.market), group(rows, fit.alternative)
    here = np.zeros((markets.size, networks.size))
    value = np.zeros_like(here)
    here[markets.codes, networks.codes] = 1.0
    value[markets.codes, networks.codes] = fit.residuals.to_numpy(np.float64)
    shared = here.T @ here
    rivals = ((here * here.sum(axis=1, keepdims=True)).T @ here) / np.maximum(shared, 1.0) - 1
    count = np.maximum(shared, 1.0)
    mean = value.T @ here / count
    cross = value.T @ value / count - mean * mean.T
    spread = (value**2).T @ here / count - mean**2
    size = np.sqrt(spread * spread.T)
    correlation = np.divide(cross, size, out=np.zeros_like(cross), where=size > 0)
    allowed = 1 / np.maximum(rivals, 1.0)
    first, second = np.triu_indices(networks.size, 1)
    names = networks.labels.astype(str).to_numpy()
    table = pd.DataFrame(
        {
            "first": names[first],
            "second": names[second],
            "correlation": correlation[first, second],
            "corrected": ((correlation + allowed) / (1 + allowed))[first, second],
            "markets": shared[first, second].astype(np.int64),
        }
    )
    # two networks alone are each other's mirror whatever they are
    table = table[(table["markets"] >= LEAST_MARKETS) & (rivals[first, second] > 1)]
    if fit.cluster:
        table = table[_shared(group(rows, fit.cluster[0]), networks)[first, second][table.index] >= LEAST_CITIES]
    return table.sort_values("corrected", ascending=False, kind="stable", ignore_index=True)


def _shared(clusters: Grouping, networks: Grouping) -> Floats:
    """Clusters (networks, networks) in which both networks have rows."""
    here = np.zeros((clusters.size, networks.size))
    here[clusters.codes, networks.codes] = 1.0
    return here.T @ here
