"""A series made for the growth views, its fits and its back-test, and what every view must be."""

import json

import numpy as np
import pandas as pd

from analysis import growth
from analysis.growth import choice
from data.grade import Grade

MONTHS = pd.period_range("2020-01", periods=60, freq="M")
TRIED = ("log-linear", "logistic", "naive", "seasonal naive")
UNIT = "parcels"
DRAWN = 1e-4  # charts get four decimals


def made(flat_at=1e6):
    """An S-curve that has slowed down, with a season, a little noise and one month missing."""
    t = np.arange(60)
    season = 1 + 0.08 * np.cos(2 * np.pi * t / 12)
    noise = 1 + 0.01 * np.random.default_rng(5).standard_normal(60)
    values = flat_at / (1 + np.exp(-0.12 * (t - 25))) * season * noise
    return pd.Series(values, index=MONTHS).where(t != 30)


SERIES = made()
FITS = growth.compare(SERIES, TRIED).fits
PICKED = choice.select(SERIES, 12, curves=TRIED)


def clean(view):
    json.dumps(view.figure, allow_nan=False)
    for words in (view.title, view.caption, view.alt):
        assert words
        assert "{" not in words
        assert "nan" not in words
    assert len(view.table) > 0
    assert isinstance(view.grade, Grade)
    return view


def traces(view, name):
    return [trace for trace in view.figure["data"] if trace.get("name") == name]
