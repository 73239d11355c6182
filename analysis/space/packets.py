"""Layers of the map as bytes (little-endian), so that a browser reads them without parsing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.space.cloud import Cloud, Hexes, tile_box

STEPS = 65_535
"""Steps of a coordinate within its tile: about 2 m."""


def packed(*columns: npt.NDArray[np.generic]) -> bytes:
    """Number of rows (uint32), four bytes of padding, then the columns one after another, widest first.

    Raises
    ------
    ValueError
        When a narrower column stands before a wider one, which would leave the wider one unaligned.
    """
    widths = [column.dtype.itemsize for column in columns]
    if widths != sorted(widths, reverse=True):
        raise ValueError(f"columns of {widths} bytes: order them from wide to narrow")
    head = np.array([len(columns[0]), 0], dtype="<u4")
    return b"".join([head.tobytes(), *(np.ascontiguousarray(one).tobytes() for one in columns)])


def hex_packet(found: Hexes, focus: int, *, aside: Sequence[int] = ()) -> bytes:
    """Cells (uint64), stations of the network in focus and of all (uint32), and the network with most (uint8).

    Networks `aside` (lockers, of which there are many small ones) have most only where no other stands.
    """
    total = found.counts.sum(axis=1)
    ranked = found.counts + np.where(np.isin(np.arange(found.counts.shape[1]), list(aside)), 0, STEPS)
    ranked = np.where(found.counts > 0, ranked, 0)
    own = found.counts[:, focus] if focus >= 0 else np.zeros(len(total), dtype=np.int32)
    most = ranked.argmax(axis=1) if len(total) else np.zeros(0, dtype=np.int64)
    return packed(found.cells.astype("<u8"), own.astype("<u4"), total.astype("<u4"), most.astype(np.uint8))


def tile_packet(cloud: Cloud, x: int, y: int, *, cities: Sequence[str] | None = None) -> bytes:
    """Stations of one tile that ever stood: steps east and south within it, months (uint16 each), network (uint8)."""
    rows = np.arange(len(cloud.lon))[cloud.tiles.get((x, y), slice(0, 0))]
    if cities is not None:
        rows = rows[cloud.among(cities)[cloud.city[rows]]]
    west, south, east, north = tile_box(x, y)
    right = (cloud.lon[rows].astype(np.float64) - west) / (east - west) * STEPS
    down = (north - cloud.lat[rows].astype(np.float64)) / (north - south) * STEPS
    places = (np.clip(np.round(one), 0, STEPS).astype("<u2") for one in (right, down))
    return packed(*places, cloud.opened[rows].astype("<u2"), cloud.closed[rows].astype("<u2"), cloud.network[rows])


def every_packet(cloud: Cloud, month: int, *, cities: Sequence[str] | None = None) -> bytes:
    """All stations open at the end of a month: longitude and latitude (float32) in pairs, network (uint8)."""
    rows = cloud.standing(month, cities=cities)
    pairs = np.column_stack([cloud.lon[rows], cloud.lat[rows]]).astype("<f4")
    return packed(pairs, cloud.network[rows])
