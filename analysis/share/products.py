"""Cross-products summed by cluster: all that instrumented estimates and their tests need from the rows.

The columns [outcome, endogenous, instruments, exogenous] are scaled to length 1. A fitted value, a residual or a
projected instrument is a combination of them, so it is held as a vector of (width,) weights, and its scores by
cluster are sums of products already taken. The rows are read once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.share.absorb import Codes, Floats
from analysis.share.errors import ShareError

COLLINEAR = 1e-10
"""Smallest eigenvalue of the correlations of columns that count as different."""


@dataclass(frozen=True, slots=True)
class Products:
    """Cross-products of scaled columns by cluster. Made by `products`.

    Attributes
    ----------
    blocks : (clusters, width, width) float64
        One block without clusters.
    total : (width, width) float64
    scale : (width,) float64
        Length of each column before scaling.
    rows, absorbed : int
    clusters : int or None
    """

    blocks: Floats
    total: Floats
    scale: Floats
    rows: int
    absorbed: int
    clusters: int | None

    def unit(self, columns: Sequence[int]) -> Floats:
        """Columns themselves as combinations (width, len(columns))."""
        return np.eye(len(self.total))[:, list(columns)]

    def cross(self, left: Floats, right: Floats) -> Floats:
        """Inner products of two sets of combinations."""
        return left.T @ self.total @ right

    def project(self, target: Floats, on: Floats) -> tuple[Floats, Floats]:
        """Coefficients of the least squares of `target` on `on`, and what is left of `target` (width, targets)."""
        coefficients = solve(self.cross(on, on), self.cross(on, target))
        return coefficients, target - on @ coefficients

    def scores(self, columns: Floats, residual: Floats) -> Floats:
        """Sums by cluster (clusters, k) of `columns` times one residual."""
        return (self.blocks @ residual) @ columns

    def meat(self, columns: Floats, left: Floats, right: Floats, *, lost: int) -> Floats:
        """Covariance (k, k) of `columns` times the residuals `left` and `right`, with the small-sample factor."""
        free = self.rows - lost - self.absorbed
        if free < 1:
            raise ShareError(
                "few_rows",
                f"{self.rows} rows cannot carry {lost} coefficients and {self.absorbed} effects: use fewer effects",
            )
        if self.clusters is None:
            return self.cross(columns, columns) * float(left @ self.total @ right) / free
        factor = self.clusters / (self.clusters - 1) * (self.rows - 1) / free
        return factor * self.scores(columns, left).T @ self.scores(columns, right)

    def freedom(self, lost: int) -> int:
        """Degrees of freedom of a test: clusters less one, or rows less coefficients."""
        return self.rows - lost - self.absorbed if self.clusters is None else self.clusters - 1


def products(columns: Floats, *, clusters: Codes | None, absorbed: int) -> Products:
    """Cross-products of `columns` (width, rows) by cluster."""
    scale = np.sqrt(np.einsum("ij,ij->i", columns, columns))
    if not (scale > 0).all():
        raise ShareError("no_variation", f"column {int(np.argmin(scale))} is zero after the effects: drop it")
    blocks = (columns @ columns.T)[None] if clusters is None else _blocks(columns, clusters)
    blocks /= np.outer(scale, scale)
    return Products(
        blocks, blocks.sum(axis=0), scale, columns.shape[1], absorbed, None if clusters is None else len(blocks)
    )


def solve(matrix: Floats, right: Floats) -> Floats:
    """Solution of a small linear system."""
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


def _blocks(columns: Floats, clusters: Codes) -> Floats:
    if (np.diff(clusters) < 0).any():
        order = np.argsort(clusters, kind="stable")
        columns, clusters = columns[:, order], clusters[order]
    starts = np.flatnonzero(np.diff(clusters, prepend=-1))
    if len(starts) < 2:
        raise ShareError("few_clusters", "clustered errors need two clusters or more")
    blocks = np.empty((len(starts), len(columns), len(columns)))
    for k, (start, end) in enumerate(zip(starts, [*starts[1:], clusters.size], strict=True)):
        part = columns[:, start:end]
        np.matmul(part, part.T, out=blocks[k])
    return blocks


def check_independent(cross: Floats, what: str) -> None:
    """Raise ShareError when columns with these cross-products are combinations of one another."""
    length = np.sqrt(np.diag(cross))
    if not (length > 0).all() or np.linalg.eigvalsh(cross / np.outer(length, length))[0] < COLLINEAR:
        raise ShareError("collinear", f"the {what} are collinear after the effects: drop one of them")


def wald(coefficients: Floats, covariance: Floats) -> tuple[float, int]:
    """Wald statistic that all `coefficients` are zero, and the rank of their covariance."""
    scale = np.sqrt(np.diag(covariance))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    keep = values > COLLINEAR * values[-1]
    turned = vectors[:, keep].T @ (coefficients / scale)
    return float((turned**2 / values[keep]).sum()), int(keep.sum())
