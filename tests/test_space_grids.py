"""Grids made coarser hold what they held, stay fine where people live close together, and keep cities apart."""

import numpy as np
import pandas as pd
import pytest

from analysis.space.demand import NATION_DEGREES, people
from analysis.space.grids import dense, gathered
from analysis.space.sphere import DEGREE_M

CITIES = ("330100", "450400", "630200")
SMALL = NATION_DEGREES / 3
SPARSE = 500.0


@pytest.fixture(scope="module")
def fine():
    return people(cities=CITIES, degrees=SMALL).assign(degrees=SMALL)


def square(cells):
    """City, row and column of the large cell that holds each."""
    row, column = (np.floor(cells[axis] / NATION_DEGREES).astype(int) for axis in ("lat", "lon"))
    return [cells["city"].astype(str), row.rename("row"), column.rename("column")]


def test_sums_of_every_city_stay(fine):
    found = gathered(fine, NATION_DEGREES, per_km2=SPARSE)
    assert len(found) < len(fine) / 2
    for amount in ("people", "rural"):
        sums = (table.groupby("city", observed=True)[amount].sum() for table in (fine, found))
        pd.testing.assert_series_equal(*sums, check_index_type=False, check_categorical=False, rtol=1e-12)


def test_cells_are_large_exactly_where_few_live(fine):
    found = gathered(fine, NATION_DEGREES, per_km2=SPARSE)
    total = fine.groupby(square(fine))["people"].sum()
    large = (found["degrees"] == NATION_DEGREES).to_numpy()
    assert not found[large].groupby(square(found[large])).size().gt(1).any()
    km2 = (NATION_DEGREES * DEGREE_M / 1000) ** 2 * np.cos(np.radians(found["lat"]))
    held = total.reindex(pd.MultiIndex.from_frame(pd.concat(square(found), axis=1))).to_numpy()
    assert (held[large] <= SPARSE * km2[large] * 1.001).all()
    assert (held[~large] > SPARSE * km2[~large] * 0.999).all()
    np.testing.assert_allclose(found["people"][large], held[large])


def test_a_large_cell_lies_where_its_people_do(fine):
    found = gathered(fine, NATION_DEGREES, per_km2=np.inf)
    middle = fine.assign(north=fine["lat"] * fine["people"]).groupby(square(fine))[["north", "people"]].sum()
    by_hand = middle["north"] / middle["people"]
    placed = by_hand.reindex(pd.MultiIndex.from_frame(pd.concat(square(found), axis=1)))
    np.testing.assert_allclose(found["lat"], placed, rtol=1e-9)


def test_nothing_is_gathered_where_all_is_dense_and_nothing_of_nothing(fine):
    every = gathered(fine, NATION_DEGREES, per_km2=0.0)
    pd.testing.assert_frame_equal(every, fine, check_categorical=False)
    assert gathered(fine.iloc[:0], NATION_DEGREES, per_km2=SPARSE).empty


def test_points_are_never_dense(fine):
    assert dense(fine, 0.0).all()
    assert not dense(fine.assign(degrees=0.0), 0.0).any()
