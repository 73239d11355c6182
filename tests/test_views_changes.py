"""What changed, in words and bars: charts hold the numbers of the comparison, and say what cannot be known."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from analysis.changes import AT, PARTS, compare
from analysis.changes_figures import UNITS
from analysis.views import changes as views
from analysis.views.changes_preview import key_words
from analysis.views.look import Look
from analysis.views.theme import Theme
from data.grade import Grade
from data.text import LANGUAGES
from tests.small_versions import JAN, MONTHS, drawn, market, restated, stations, volumes

PARCELS = ("parcels", "")


@pytest.fixture(scope="module")
def mixed():
    """A new month, and half the earlier figures restated."""
    return compare(drawn(4, months=13), restated(drawn(4), 4))


@pytest.fixture(scope="module")
def grown():
    """A new month alone."""
    return compare(drawn(4, months=13), drawn(4))


@pytest.fixture(scope="module")
def apart():
    """No row in common."""
    before = market(volumes=volumes(("2025-01", "jd", 30)))
    there = stations(("jd", "2024-05-01", None))
    return compare(before, market(volumes=volumes(("2025-02", "jd", 50)), stations=there))


def test_bars_are_the_parts(mixed, look):
    row = mixed.latest.loc[PARCELS]
    view = views.waterfall(mixed, PARCELS, look)
    bars = view.figure["data"][0]
    assert bars["y"] == [row["before"], *(row[part] for part in PARTS), row["after"]]
    assert bars["measure"] == ["absolute", *["relative"] * 3, "total"]
    assert look.month(MONTHS[12]) in bars["x"][0]
    assert look.month(MONTHS[13]) in bars["x"][-1]
    assert all(text in view.alt for text in bars["text"])
    assert look.say("change.order") in view.caption
    assert len(view.table) == 5
    go.Figure(view.figure)


def test_shares_are_drawn_in_per_cent(mixed, look):
    row = mixed.same.loc[("share", "duoduo")]
    view = views.waterfall(mixed, ("share", "duoduo"), look, at="same")
    assert view.figure["data"][0]["y"][0] == pytest.approx(100 * row["before"], abs=1e-3)
    assert view.figure["data"][0]["x"][0].endswith(look.month(mixed.month_same))
    assert look.say("change.caption_same", unit=look.say("change.unit_share")) in view.caption


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("at", AT)
def test_every_figure_says_something(mixed, lang, at):
    look = Look(lang, Theme("dark"))
    for key in views.figures(mixed, at=at):
        view = views.waterfall(mixed, key, look, at=at)
        assert views.label(key, look) in view.title
        assert len(view.caption) > 20
        assert len(view.alt) > 20
        low, high = view.figure["layout"]["yaxis"]["range"]
        tops = np.cumsum(view.figure["data"][0]["y"][:-1])
        assert low <= tops.min() < high
        assert high > tops.max()
    assert {figure for figure, _ in views.figures(mixed, at=at)} == set(UNITS) - {"response"}


def test_a_new_month_is_told_from_a_restatement(grown, mixed, look):
    month = look.say("change.from_month", month=look.month(MONTHS[13]))
    row = grown.latest.loc[PARCELS]
    assert month in views.waterfall(grown, PARCELS, look).title
    assert look.say("change.from_restated") not in views.waterfall(grown, PARCELS, look).title
    assert views.waterfall(grown, PARCELS, look).title == look.say(
        "change.wholly",
        name=views.label(PARCELS, look),
        change=("+" if row["new"] > 0 else "") + look.count(row["new"], 2).replace("-", "−"),
        after=look.count(row["after"], 2),
        reason=month,
    )
    assert views.finding(grown, look, at="same") == look.say("change.none")
    assert look.say("change.from_restated") in views.finding(mixed, look, at="same")
    assert month in views.finding(grown, look, at="latest")


def test_sentences_name_months_and_rows(grown, mixed, look):
    still = views.sentences(grown, look)
    assert still[-1] == look.say("change.same_month_still", month=look.month(MONTHS[12]))
    assert look.month(MONTHS[13]) in still[0]
    assert look.say("change.nothing_restated") in still[1]
    changed = int(mixed.rows.loc["volumes", "changed"])
    said = look.say("change.rows_changed", dataset=look.say("dataset.volumes"), n=f"{changed:,}")
    assert said in views.sentences(mixed, look)[1]
    gone = compare(drawn(4), drawn(4, months=13))
    assert look.say("change.went", what=look.month(MONTHS[13])) in views.sentences(gone, look)


def test_what_cannot_be_split_is_said(apart, look):
    view = views.waterfall(apart, PARCELS, look)
    assert view.title == look.say("change.no_overlap", name=views.label(PARCELS, look), before="30", after="50")
    assert view.figure["data"][0]["y"] == [30, 50]
    assert view.figure["data"][0]["measure"] == ["absolute"] * 2
    assert look.say("change.order") not in view.caption
    table = views.table(apart, look).set_index(look.say("change.column_figure"))
    note = look.say("change.column_note")
    assert table.at[views.label(PARCELS, look), note] == look.say("change.note_no_overlap")
    there = views.label(("stations", ""), look)
    assert table.at[there, note] == look.say("change.note_not_before")
    assert table.at[there, look.say("change.column_before")] == look.say("unit.none")
    assert views.sentences(apart, look)[-1] == look.say("change.no_month_in_common")
    assert views.waterfall(apart, ("stations", ""), look).figure["data"][0]["y"][1] == 1


def test_nothing_moved_is_said(look):
    found = compare(drawn(4), drawn(4))
    assert views.finding(found, look, at="latest") == look.say("change.none")
    view = views.waterfall(found, ("cities", ""), look)
    assert view.title == look.say("change.still", name=views.label(("cities", ""), look), after="3")
    assert set(views.table(found, look)[look.say("change.column_new")]) == {"0"}


def test_parts_that_cancel_are_said(look):
    before = market(volumes=volumes(("2025-01", "jd", 30)))
    after = market(volumes=volumes(("2025-01", "jd", 20), ("2025-02", "jd", 30)))
    title = views.waterfall(compare(before, after), PARCELS, look).title
    assert title == look.say(
        "change.offset",
        name=views.label(PARCELS, look),
        after="30",
        reason=look.say("change.from_restated"),
        part="−10",
    )


def test_table_has_every_figure(mixed, look):
    table = views.table(mixed, look)
    assert len(table) == len(mixed.latest)
    assert table.notna().all(axis=None)
    assert set(table[look.say("change.column_grade")]) == {look.say(f"grade.{Grade.REPORTED}")}


@pytest.fixture
def preview():
    """As the workspace gives it."""
    months = pd.date_range(JAN, periods=3, freq="MS")
    totals = pd.DataFrame({"month": months, "before": [100.0, 120.0, np.nan], "after": [100.0, 150.0, 160.0]})
    shares = pd.DataFrame(
        [
            ("jd", 0.4, 0.5),
            ("home", 0.5, 0.44),
            ("sto", 0.1, 0.06),
            ("jd", None, 0.75),
            ("home", None, 0.25),
            ("sto", None, 0.0),
        ],
        columns=["platform", "before", "after"],
    ).assign(month=months[[1, 1, 1, 2, 2, 2]])
    rows = pd.DataFrame(
        [("stations", 5, 5, 0, 0, 0, 5, 0), ("volumes", 4, 6, 2, 1, 0, 3, 1)],
        columns=["dataset", "before", "after", "added", "changed", "gone", "same", "conflicts"],
    )
    return SimpleNamespace(
        rows=rows, totals=totals, shares=shares, examples={"volumes": ("2025-02-01", "330100", "jd", "")}
    )


def test_preview_draws_totals(preview, look):
    view = views.preview(preview, look)
    before, after = view.figure["data"]
    assert before["y"] == [100, 120, None]
    assert after["y"] == [100, 150, 160]
    assert before["line"]["dash"] == "dot"
    items = look.join([look.say("change.months_added", n=1), look.say("change.months_changed", n=1)])
    assert view.title == look.say("change.months", items=items)
    assert len(view.table) == 3
    preview.totals["after"] = preview.totals["before"] = [1.0, 2.0, 3.0]
    assert views.preview(preview, look).title == look.say("change.months_same")
    go.Figure(view.figure)


def test_preview_draws_shares_of_the_latest_months(preview, look):
    view = views.preview_shares(preview, look)
    after = view.figure["data"][2]
    assert after["y"] == [look.name(name) for name in ("jd", "home", "sto")]
    assert after["x"] == [75, 25, 0]
    assert view.figure["data"][1]["x"] == [40, 50, 10]
    since, month = (look.month(MONTHS[place]) for place in (1, 2))
    said = {"name": look.name("jd"), "since": since, "month": month}
    assert view.title == look.say("change.shares_between", change="+35.00", **said)
    assert since in view.caption
    preview.shares = preview.shares[preview.shares["month"] == MONTHS[1]]
    title = views.preview_shares(preview, look).title
    assert title == look.say("change.shares", name=look.name("jd"), change="+10.00")
    preview.shares["before"] = preview.shares["after"]
    assert views.preview_shares(preview, look).title == look.say("change.shares_same")
    go.Figure(view.figure)


def test_preview_of_a_first_version_has_no_before(preview, look):
    preview.shares["before"], preview.totals["before"] = np.nan, np.nan
    view = views.preview_shares(preview, look)
    assert view.figure["data"][1]["x"] == [None] * 3
    assert view.title == look.say("change.shares_same")
    assert views.preview(preview, look).figure["data"][0]["y"] == [None] * 3


def test_preview_says_rows(preview, look):
    table = views.preview_rows(preview, look)
    assert table[look.say("change.rows_head_added")].tolist() == [0, 2]
    said = views.preview_sentences(preview, look)
    assert said[0] == look.say("change.preview_same", dataset=look.say("dataset.stations"), n="5")
    key = " · ".join((look.month(MONTHS[1]), "Hangzhou" if look.lang == "en" else "杭州", look.name("jd")))
    values = {"dataset": look.say("dataset.volumes"), "n": "1", "example": key}
    assert said[-1] == look.say("change.conflicts", **values)
    assert len(said) == 3
    for choice in ("new", "old"):
        told = views.preview_sentences(preview, look, on_conflict=choice)
        assert told == (*said[:-1], look.say(f"change.conflicts_{choice}", **values))


def test_keys_of_rows_are_said_in_words():
    zh = Look("zh", Theme("light"))
    assert key_words(("2025-06-01", "330100", "cainiao", ""), zh) == "2025年6月 · 杭州 · 菜鸟驿站"
    assert key_words("2025-06-01 + 330100 + cainiao + ", zh) == "2025年6月 · 杭州 · 菜鸟驿站"
    assert key_words("2025-06-01 + 632500 + own_net + Alibaba", zh) == "2025年6月 · 海南州 · own_net · 阿里巴巴"
    assert key_words("cainiao + 330100 + 2025-06-15", zh, dataset="subsidies") == "菜鸟驿站 · 杭州 · 2025-06-15"
    assert key_words("330100", zh) == "330100"
    assert key_words((), zh) == ""
