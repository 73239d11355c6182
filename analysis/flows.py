"""Who lost what to whom between two dates, and whether shares moved within groups or because the mix of groups moved.

In each cell (a city, say) a network's volume changes by what the market's growth gave it at its old share, plus its
change of share. The losers' parcels are spread over the winners in proportion to their gains. Parcels that crossed
both ways cancel, so the flows are a lower bound of what changed hands.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.grade import Grade

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Volumes of two dates explained; made by `source_of_volume`. Units as given (parcels a month, say).

    Attributes
    ----------
    matrix : pandas.DataFrame
        From (rows) to (columns); diagonal 0.
    growth : pandas.Series
        What the growth of each cell gave each network at its old share. A cell without volume at the first date is
        growth of the networks that are in it; one without volume at the second is lost growth.
    before, after, net : pandas.Series
        Volumes of the two dates, and gained - lost. after = before + growth + net.
    cells, entered, left : int
        Cells with volume at either date, at the second alone, at the first alone.
    grade : Grade
    """

    matrix: pd.DataFrame
    growth: pd.Series
    before: pd.Series
    after: pd.Series
    net: pd.Series
    cells: int
    entered: int
    left: int
    grade: Grade = Grade.MODELLED

    @property
    def gained(self) -> pd.Series:
        """Won from other networks."""
        return self.matrix.sum(axis=0).rename("gained")

    @property
    def lost(self) -> pd.Series:
        """Lost to other networks."""
        return self.matrix.sum(axis=1).rename("lost")


def source_of_volume(before: pd.DataFrame, after: pd.DataFrame) -> Flows:
    """Split the change of every network's volume into market growth, gains and losses.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Cells x networks, volumes of 0 or more in the same unit (months of equal length, or parcels per day). A cell
        or network that one of them lacks has no volume there.

    Notes
    -----
    With shares s and cell volumes M, after = before + s0 (M1 - M0) + (s1 - s0) M1 in every cell; the last term sums
    to 0 over networks. Coarser cells net out more and show less churn.
    """
    start, end = _aligned(before, after)
    old, new = start.to_numpy(), end.to_numpy()
    size = old.sum(axis=1, keepdims=True), new.sum(axis=1, keepdims=True)
    base = np.where(size[0] > 0, old, new) / np.where(size[0] > 0, size[0], np.maximum(size[1], 1e-300))
    growth = base * (size[1] - size[0])
    change = new - old - growth
    # a change of share that only rounding made would divide by nothing
    change[np.abs(change) <= 1e-12 * (old + new)] = 0.0
    gain, loss = np.maximum(change, 0.0), np.maximum(-change, 0.0)
    total = gain.sum(axis=1, keepdims=True)
    matrix = loss.T @ np.divide(gain, total, out=np.zeros_like(gain), where=total > 0)
    names = start.columns
    some = (size[0] + size[1] > 0).ravel()
    return Flows(
        matrix=pd.DataFrame(matrix, names.rename("from"), names.rename("to")),
        growth=pd.Series(growth.sum(axis=0), names, name="growth"),
        before=pd.Series(old.sum(axis=0), names, name="before"),
        after=pd.Series(new.sum(axis=0), names, name="after"),
        net=pd.Series(change.sum(axis=0), names, name="net"),
        cells=int(some.sum()),
        entered=int((some & (size[0] == 0).ravel()).sum()),
        left=int((some & (size[1] == 0).ravel()).sum()),
    )


def decompose(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Change of each network's share, split into changes within groups and changes of the mix of groups.

    within = sum over groups of mean weight x change of share; mix = sum of (mean share - mean total share) x change
    of weight, weight being the group's part of all volume (Bennet 1920: exact, and the same backwards but for sign).
    A group without volume at one date has the shares of the other date there, so that all it moves is mix.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Groups (tiers, say) x networks, volumes of 0 or more.

    Returns
    -------
    pandas.DataFrame
        Index network; within, mix, total (changes of share, fractions). within + mix = total; each column adds to 0.
    """
    start, end = _aligned(before, after)
    old, new = start.to_numpy(), end.to_numpy()
    if not old.sum() > 0 or not new.sum() > 0:
        raise ValueError("one of the two dates has no volume: choose dates with parcels")
    weight = old.sum(axis=1) / old.sum(), new.sum(axis=1) / new.sum()
    share = _shares(old, new), _shares(new, old)
    overall = (weight[0] @ share[0] + weight[1] @ share[1]) / 2
    within = (weight[0] + weight[1]) / 2 @ (share[1] - share[0])
    mix = (weight[1] - weight[0]) @ ((share[0] + share[1]) / 2 - overall)
    total = weight[1] @ share[1] - weight[0] @ share[0]
    return pd.DataFrame({"within": within, "mix": mix, "total": total}, start.columns)


def _shares(volumes: Floats, instead: Floats) -> Floats:
    size = volumes.sum(axis=1, keepdims=True)
    used = np.where(size > 0, volumes, instead)
    size = used.sum(axis=1, keepdims=True)
    return np.divide(used, size, out=np.zeros_like(used), where=size > 0)


def _aligned(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    for frame in (before, after):
        if not (frame.index.is_unique and frame.columns.is_unique):
            raise ValueError("a cell or a network is listed twice: add its rows up first")
        values = frame.to_numpy(np.float64)
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise ValueError("volumes must be 0 or more, none missing: fill gaps with 0 or drop those cells")
    rows = _both(before.index, after.index)
    names = _both(before.columns, after.columns).rename("platform")
    start, end = (f.reindex(index=rows, columns=names).fillna(0.0).astype(np.float64) for f in (before, after))
    return start, end


def _both(first: pd.Index, second: pd.Index) -> pd.Index:
    return first.append(second.difference(first, sort=False)).astype(object)
