"""Months of a series that are far apart, and networks that begin or end within the months of a file."""

import numpy as np
import pytest

from data.intake.severity import SEVERITY
from tests.made_rows import line
from tests.test_intake_series import check, said


def test_the_first_year_and_the_last_of_a_network_are_no_breaks():
    s_curve = [int(60_000 / (1 + np.exp(9 - 1.2 * n)) + 1_100) for n in range(36)]
    for cells in (s_curve, s_curve[::-1]):
        assert set(check(line("2024-01", cells))["code"]) == {"level_break"}  # the file begins and ends with it
        around = [None] * 6 + cells + [None] * 6
        assert check(line("2024-01", [50_000] * 48), line("2024-01", around, platform="sto")).empty
    late = [None] * 6 + [5_000] * 20 + [50_000] * 20
    found = check(line("2024-01", [50_000] * 46), line("2024-01", late, platform="sto"))
    assert said(found, "code", "low") == [["level_break", "2026-03"]]


@pytest.mark.parametrize("apart", [2, 3, 12])
def test_months_that_stand_equally_far_apart_are_said_once(apart):
    cells = [5_000 if n % apart == 0 else None for n in range(4 * apart)]
    found = check(line("2010-01", cells), line("2010-01", cells, platform="sto"))
    assert said(found, "row", "code", "other") == [[2, "months_apart", str(apart)]]
    assert SEVERITY["months_apart"] == "info"
    cells[apart] = None
    assert set(check(line("2010-01", cells))["code"]) == {"month_missing_everywhere"}


def test_a_gap_is_said_at_the_row_before_it():
    found = check(line("2024-01", [5, None, None, 5, None, 5]), line("2024-01", [5] * 6, platform="sto"))
    assert said(found) == [[2, "months_missing", "2024-02..2024-03"], [3, "months_missing", "2024-05"]]


def test_a_month_that_the_whole_file_lacks_is_said_once():
    found = check(line("2024-01", [5, None, 5, 5]), line("2024-01", [5, None, None, 5], platform="sto"))
    assert said(found) == [[2, "month_missing_everywhere", "2024-02"], [5, "months_missing", "2024-03"]]


def test_months_before_the_first_and_after_the_last_are_not_missing():
    assert check(line("2024-01", [5] * 3), line("2024-03", [5] * 3, platform="sto")).empty
