"""Cholesky roots of many small matrices (p, p, S) at once, the rows last."""

import numpy as np

from analysis.growth.shapes import FloatArray

PIVOT = 1e-14
"""Least squared share of a direction that the other parameters must leave unexplained."""


def factor(gram: FloatArray, damping: FloatArray | float = 0.0) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cholesky root of each gram matrix scaled to a unit diagonal.

    Returns
    -------
    root : ndarray (p, p, S)
        Lower triangular.
    scale : ndarray (p, S)
        Root of the diagonal; 1 for a column of zeros, which then moves nothing.
    least : ndarray (S,)
        Smallest pivot before it was kept from zero.
    """
    scale = np.sqrt(np.einsum("iis->is", gram))
    empty = scale == 0
    scale = np.where(empty, 1.0, scale)
    work, root = gram / scale / scale[:, None], np.zeros_like(gram)
    least = np.where(empty.any(axis=0), 0.0, 1.0)
    for i in range(len(gram)):
        pivot = np.where(empty[i], 1.0, work[i, i]) + damping
        least = np.minimum(least, pivot)
        root[i, i] = np.sqrt(np.maximum(pivot, PIVOT))
        if i + 1 < len(gram):
            column = root[i + 1 :, i] = work[i + 1 :, i] / root[i, i]
            work[i + 1 :, i + 1 :] -= column[:, None] * column
    return root, scale, least


def forward(root: FloatArray, right: FloatArray) -> FloatArray:
    """Solve root x = right for each row; right (p, S)."""
    found = right / root[0, 0]
    for i in range(1, len(right)):
        found[i] = (right[i] - np.einsum("is,is->s", root[i, :i], found[:i])) / root[i, i]
    return found


def backward(root: FloatArray, right: FloatArray) -> FloatArray:
    """Solve root' x = right for each row; right (p, S)."""
    found = right / root[-1, -1]
    for i in reversed(range(len(right) - 1)):
        found[i] = (right[i] - np.einsum("is,is->s", root[i + 1 :, i], found[i + 1 :])) / root[i, i]
    return found


def inverse(gram: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Root of each inverse (S, p, p), inverse = root root', and the smallest pivot (S,)."""
    root, scale, least = factor(gram)
    sides = [backward(root, np.broadcast_to(e[:, None], scale.shape).copy()) / scale for e in np.eye(len(gram))]
    return np.stack(sides).transpose(2, 1, 0), least
