"""Lockers through the day: published values, a simulation, and laws of the loss queue."""

import heapq
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from analysis.economics import STANDARD, Locker, erlang_b, evening_overflow
from analysis.space.lockers import blocked, day, sized
from analysis.space.lockers_rhythm import AWAKE, HOURS, STEPS, VISIT, Rhythm, offered_load, rhythm
from data import record

USUAL = rhythm(visit=1)
MOMENTS = (np.arange(HOURS * STEPS) + 0.5) / STEPS


def even(hours_in_cell):
    """Drops and pick-ups that do not follow the clock."""
    return Rhythm((1 / HOURS,) * HOURS, (1 / hours_in_cell,) * HOURS)


@pytest.mark.parametrize(("cells", "load"), [(5, 1.4), (7, 2.5), (8, 3.1), (9, 3.8)])
@pytest.mark.parametrize("method", ["exact", "modified", "pointwise"])
def test_published_table_of_erlang_b(cells, load, method):
    # Table of Erlang B, column 1.0 %, one decimal: Carrier Grade Voice over IP, 2nd edition, appendix A
    # (globalspec.com/reference/55139/203279).
    def lost(erlangs):
        return blocked(cells, even(HOURS), erlangs, method=method)[0].max()

    assert lost(load - 0.05) < 0.01 < lost(load + 0.05)


@pytest.mark.parametrize(
    ("cells", "load", "lost", "digits"),
    [
        (15, 8.108, 0.01, 5e-6),  # example of the manual at erlang.com/calculatormanual
        (2, 0.5 / 0.7, 0.1295337, 5e-8),  # printed output of B_erlang in the R package queueing (rdrr.io/cran/queueing)
    ],
)
def test_published_examples_of_erlang_b(cells, load, lost, digits):
    assert blocked(cells, even(HOURS), load)[0] == pytest.approx(lost, abs=digits)


def test_published_load_of_sinusoidal_arrivals():
    # Eick, Massey and Whitt (1993), Mt/G/infinity queues with sinusoidal arrival rates, Management Science 39(2): with
    # exponential stays of mean 1 the load of 1 + b sin(gt) is 1 + b (sin gt - g cos gt) / (1 + g^2). An hour here is a
    # tenth of the mean stay, and rates are the means of the hours: their swing is smaller by sin(x) / x.
    stay, swing = 10.0, 0.8
    turn = 2 * np.pi / HOURS
    middle = np.arange(HOURS) + 0.5
    shrunk = np.sin(turn / 2) / (turn / 2)
    drops = (1 + swing * shrunk * np.sin(turn * middle)) / HOURS
    found = offered_load(Rhythm(tuple(drops), (1 / stay,) * HOURS)) * HOURS / stay
    g, t = turn * stay, MOMENTS / stay
    exact = 1 + swing * (np.sin(g * t) - g * np.cos(g * t)) / (1 + g**2)
    assert np.abs(found - exact).max() < 0.005 * swing
    assert MOMENTS[found.argmax()] == pytest.approx(6 + np.arctan(g) / turn, abs=0.5)  # the peak lags


@pytest.mark.parametrize("cells", [1, 10, 44])
@pytest.mark.parametrize("method", ["exact", "modified", "pointwise"])
def test_constant_rates_give_erlangs_formula(cells, method):
    for parcels in (3.0, 30.0, 120.0):
        lost, taken = blocked(cells, even(8.0), parcels, method=method)
        load = parcels / HOURS * 8.0
        assert lost == pytest.approx(float(erlang_b(cells, load)), abs=1e-9)
        assert taken == pytest.approx(load * (1 - float(erlang_b(cells, load))), abs=1e-7)


def simulated(cells, day_of, parcels_per_day, days, seed, part=1.0):
    """Part of the parcels of each hour that find no cell, and their number, drawn parcel by parcel."""
    random = np.random.default_rng(seed)
    drops, pickups = np.array(day_of.drops), np.array(day_of.pickups)
    counts = random.poisson(np.tile(drops * parcels_per_day / (day_of.visit * part), days))
    hours = np.repeat(np.arange(days * HOURS), counts)
    came = np.sort(hours + random.random(len(hours)))
    came = np.repeat(came, random.binomial(day_of.visit, part, len(came)))
    grown = np.concatenate([[0.0], np.cumsum(np.tile(pickups, days + 40))])
    ends = np.arange(len(grown), dtype=float)
    goes = np.interp(np.interp(came, ends, grown) + random.exponential(size=len(came)), grown, ends)
    inside, lost = [], np.zeros(HOURS)
    for at, until in zip(came.tolist(), goes.tolist(), strict=True):
        while inside and inside[0] <= at:
            heapq.heappop(inside)
        if len(inside) < cells:
            heapq.heappush(inside, until)
        else:
            lost[int(at) % HOURS] += 1
    met = np.bincount(came.astype(int) % HOURS, minlength=HOURS)
    return lost / np.maximum(met, 1), met


@pytest.mark.parametrize(("visit", "part"), [(1, 1.0), (4, 1.0), (5, 0.38)])
def test_simulated_lockers_agree_with_the_exact_day(visit, part):
    cells, parcels, of = 8, 18.0, rhythm(visit=visit)
    found, met = simulated(cells, of, parcels, days=9_000, seed=4, part=part)
    exact = blocked(cells, of, parcels, part=part)[0].reshape(HOURS, STEPS).mean(axis=1)
    used = met > 0
    error = np.sqrt(exact * (1 - exact) / np.maximum(met, 1) * (1 + (visit - 1) * part))
    assert 0.02 < exact[used].max() < 0.6
    assert (np.abs(found - exact)[used] < 4.5 * error[used] + 5e-4).all()
    assert np.argmax(np.where(used, found, 0)) == np.argmax(np.where(used, exact, 0)) == 17


def test_visits_of_several_parcels_by_hand():
    # Two parcels at once, 0.1 visits and 0.25 pick-ups an hour. One cell: balance p1 = 0.1 / (0.1 + 0.25); the second
    # parcel is always turned away, the first where the cell is taken. Two cells: 0.1 p0 = 0.25 p1 (down from 1) and
    # 0.1 (p0 + p1) = 0.5 p2 (up to 2), p0 + p1 + p2 = 1.
    of = replace(even(4.0), visit=2)
    taken = 0.1 / 0.35
    assert blocked(1, of, 4.8)[0] == pytest.approx((1 + taken) / 2, abs=1e-9)
    none = 1 / (1 + 0.4 + 0.1 * 1.4 / 0.5)
    lost, cells = blocked(2, of, 4.8)
    assert lost == pytest.approx(0.4 * none / 2 + 0.28 * none, abs=1e-9)
    assert cells == pytest.approx((0.4 + 2 * 0.28) * none, abs=1e-7)


def test_larger_visits_lose_more_of_the_same_parcels():
    days = [day(STANDARD, rhythm(visit=visit), 90.0) for visit in (1, 2, VISIT, 8, 20)]
    assert days[2].rhythm == rhythm()
    for few, many in pairwise(days):
        assert few.overflow_of_day < many.overflow_of_day
        assert few.overflow_of_worst_hour < many.overflow_of_worst_hour
    # Drawn parcel by parcel in eights for the standard set and 90 parcels a day: 2.2 % over the day.
    assert days[3].overflow_of_day == pytest.approx(0.022, abs=0.001)
    roomy = blocked(150, rhythm(visit=20), 40.0)
    assert roomy[1] == pytest.approx(40.0 * offered_load(USUAL), abs=1e-4)  # without a limit only the mean counts


def test_lasting_rush_is_more_than_the_evening_solved():
    for parcels in (40.0, 70.0, 100.0, 160.0, 300.0):
        assert float(evening_overflow(STANDARD, parcels)) > day(STANDARD, rhythm(), parcels).overflow_of_evening
    assert float(evening_overflow(STANDARD, 100.0)) > 5 * day(STANDARD, rhythm(), 100.0).overflow_of_evening


def test_approximations_are_near_where_little_is_lost():
    shown, near = (day(STANDARD, USUAL, 80.0, method=method) for method in ("exact", "modified"))
    assert shown.overflow_of_day < 0.005
    assert near.overflow_of_day == pytest.approx(shown.overflow_of_day, rel=0.2)
    assert near.occupancy == pytest.approx(shown.occupancy, abs=0.01)


def test_mean_rates_understate_the_worst_hour():
    # Massey and Whitt (1996), Stationary-process approximations for the nonstationary Erlang loss model, Operations
    # Research 44(6): a Poisson process with the mean rate significantly underestimates the blocking.
    mean = float(erlang_b(44, 60.0 / HOURS * USUAL.hours_in_cell))
    assert blocked(44, USUAL, 60.0)[0].max() > 3 * mean


@pytest.mark.parametrize("hours", [3.0, 10.0, 20.0])
@pytest.mark.parametrize("picked", [0.3, 0.5, 0.7])
def test_rhythm_is_what_was_asked(hours, picked):
    found = rhythm(replace(STANDARD, hours_in_cell=hours, peak_share=0.2), picked_up_in_peak=picked)
    assert sum(found.drops) == pytest.approx(1)
    assert sum(found.drops[18:22]) == pytest.approx(0.2)
    assert found.hours_in_cell == pytest.approx(hours, rel=1e-6)
    assert found.picked_up_in_peak == pytest.approx(picked, abs=1e-5)
    outside = np.array(found.pickups)[[*range(18), 22, 23]] / np.array(AWAKE)[[*range(18), 22, 23]]
    assert outside == pytest.approx(outside[0])
    assert found.longer_than_a_day == pytest.approx(np.exp(-sum(found.pickups)))


def test_rhythm_out_of_reach_is_the_nearest():
    quick = replace(STANDARD, hours_in_cell=1.0, peak_share=0.0)
    found = rhythm(quick, picked_up_in_peak=0.9, drops=(8, 12))
    assert found.picked_up_in_peak < 0.5
    assert found.hours_in_cell == pytest.approx(1.0, rel=1e-6)


def test_rhythm_says_what_is_wrong():
    with pytest.raises(ValueError, match="whole hours"):
        rhythm(replace(STANDARD, peak=(18.5, 22.0)))
    with pytest.raises(ValueError, match="between 0 and 1"):
        rhythm(picked_up_in_peak=1.0)
    with pytest.raises(ValueError, match="lie in the peak"):
        rhythm(drops=(18, 21))
    with pytest.raises(ValueError, match="give 0 or more"):
        blocked(4, USUAL, -1.0)
    with pytest.raises(ValueError, match="1 or more"):
        rhythm(visit=0)
    with pytest.raises(ValueError, match="one by one"):
        blocked(4, rhythm(visit=3), 1.0, method="modified")


def test_peak_and_cells_are_the_published_ones():
    figures = record.load().set_index("metric")["value"]
    assert sum(STANDARD.cells) == figures["cells_per_standard_locker"]
    assert len(STANDARD.cells) == figures["locker_cell_sizes"]
    assert USUAL.peak == (figures["pickup_peak_start"], figures["pickup_peak_end"])


def test_more_parcels_lose_more_and_more_cells_less():
    offered = [day(STANDARD, USUAL, parcels) for parcels in (20.0, 60.0, 90.0, 150.0, 400.0)]
    for few, many in pairwise(offered):
        assert (few.lost <= many.lost + 1e-12).all()
        assert few.overflow_of_worst_hour < many.overflow_of_worst_hour
        assert few.turnover < many.turnover
    larger = day(sized(126), USUAL, 90.0)
    assert (larger.lost <= offered[2].lost + 1e-12).all()
    assert all(((d.lost >= 0) & (d.lost <= 1)).all() and (d.occupancy <= 1).all() for d in offered)


def test_longer_stays_lose_more():
    days = [day(STANDARD, rhythm(replace(STANDARD, hours_in_cell=h)), 90.0) for h in (4.0, 8.0, 12.0, 20.0)]
    lost = [d.overflow_of_day for d in days]
    assert lost == sorted(lost)


def test_what_comes_in_goes_out():
    shown = day(STANDARD, USUAL, 150.0)
    accepted = shown.parcels_per_day * (1 - shown.overflow_of_day)
    gone = (shown.taken.sum(axis=1) * np.repeat(USUAL.pickups, STEPS)).sum() / STEPS
    assert gone == pytest.approx(accepted, rel=2e-3)
    assert shown.turnover == pytest.approx(accepted / 84)
    assert shown.drops.sum() == pytest.approx(150.0)


def test_day_overflow_is_the_hours_put_together():
    shown = day(STANDARD, USUAL, 120.0)
    assert shown.overflow_of_day == pytest.approx(np.average(shown.overflow, weights=shown.drops))
    assert shown.overflow_of_evening == pytest.approx(np.average(shown.overflow[18:22], weights=shown.drops[18:22]))
    assert shown.overflow_of_worst_hour == shown.overflow[shown.worst_hour] == shown.overflow[8:22].max()
    assert shown.lost_of_all.reshape(HOURS, STEPS).mean(axis=1) == pytest.approx(shown.overflow)


def test_order_of_sizes_changes_nothing():
    turned = Locker((10, 44, 30), (0.12, 0.5, 0.38))
    one, other = day(STANDARD, USUAL, 120.0), day(turned, USUAL, 120.0)
    assert one.overflow == pytest.approx(other.overflow, abs=1e-12)
    assert one.lost[:, [2, 0, 1]] == pytest.approx(other.lost, abs=1e-12)


def test_sizes_without_cells_or_parcels():
    without = day(replace(STANDARD, cells=(44, 30, 0)), USUAL, 30.0)
    assert without.lost[:, 2] == pytest.approx(1.0)
    assert without.overflow_of_day == pytest.approx(0.12, abs=1e-3)
    assert day(STANDARD, USUAL, 0.0).overflow_of_worst_hour == 0
    no_evening = rhythm(replace(STANDARD, peak_share=0.0))
    assert day(STANDARD, no_evening, 90.0).overflow_of_evening == 0


@pytest.mark.parametrize("cells", [0, 1, 2, 40, 84, 90, 168, 200])
def test_sets_of_any_number_of_cells_are_split_alike(cells):
    found = np.array(sized(cells).cells)
    assert found.sum() == cells
    assert np.abs(found - np.array(STANDARD.cells) * cells / 84).max() < 1
    assert sized(84).cells == STANDARD.cells
    bare = sized(cells, replace(STANDARD, cells=(0, 0, 0)))
    assert np.abs(np.array(bare.cells) - cells * np.array(STANDARD.mix)).max() < 1
    assert sum(bare.cells) == cells
