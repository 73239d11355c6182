"""Numbers of a table: grouped by thousands, and with the same decimals all down a column."""

import numpy as np
import pandas as pd
import pytest

from pages.ui import tables


def form(values):
    found = tables.figures(pd.DataFrame({"a": values}))
    return found["a"]["type_config"]["format"] if "a" in found else None


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([72558, 17819087, 4], "localized"),
        ([1937515761.0, np.nan], "localized"),
        ([-28948.5, 1.25], "localized"),
        ([4.0, 4.2], "%.1f"),
        ([4, 12], "%.0f"),
        ([30.27415, 120.1], "%.5f"),
        ([0.1 + 0.2, 1.0], "%.1f"),
        ([2019, 2026], None),
        ([np.nan, np.nan], None),
        ([np.inf, 2.5], "%.1f"),
        (["1000", "2000"], None),
        ([True, False], None),
        (pd.array([1, None], dtype="Int64"), "%.0f"),
    ],
)
def test_how_a_column_is_written(values, wanted):
    assert form(values) == wanted


def test_columns_without_a_name_in_words_keep_theirs():
    assert tables.figures(pd.DataFrame({2024: [5000], "b": [5000]})).keys() == {"b"}
