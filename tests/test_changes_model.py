"""The part of a move that the model makes: figures under the old parameters on new data, then under the new ones."""

import numpy as np
import pandas as pd
import pytest

from analysis import share
from analysis.changes import compare, headline
from analysis.changes_figures import responses
from analysis.views import changes as views
from data.grade import Grade
from data.markets import Market
from tests.small_panel import draw

SUBSIDY = "subsidy_cny_per_parcel"


def fitted(panel: pd.DataFrame, **options) -> share.ShareFit:
    return share.fit(panel, [SUBSIDY, "log_stations"], **{"by": "tier", **options})


def of(panel: pd.DataFrame) -> Market:
    rows = panel[["month", "city", "platform", "parcels"]]
    return Market("test", Grade.REPORTED, "0" * 12, "test", volumes=rows, panel=panel.assign(stations=1))


@pytest.fixture(scope="module")
def panels():
    whole = draw(months=6, seed=3)
    return whole[whole["month"] < whole["month"].max()].reset_index(drop=True), whole


@pytest.mark.parametrize("by", ["tier", None])
def test_responses_are_those_of_the_fit(panels, by):
    """Points of share by network, weighted by its parcels; intervals alike."""
    rows = panels[1][panels[1]["month"] == panels[1]["month"].max()]
    fit = fitted(panels[1], by=by)
    found = responses(rows, fit)
    assert list(found.index) == ["Tier 1", "Tier 3"]
    for tier, row in found.iterrows():
        own = fit.elasticities(rows[rows["tier"] == tier], SUBSIDY, step=0.01)
        own = own.drop(index="home", level="platform")
        for column, name in (("value", "points"), ("low", "points_low"), ("high", "points_high")):
            assert row[column] == pytest.approx(np.average(own[name], weights=own["share"]))


def test_the_model_moves_what_old_parameters_leave(panels):
    before, after = panels
    old, new = fitted(before), fitted(after)
    found = compare(of(before), of(after), fits=(old, new))
    rows = after[after["month"] == after["month"].max()]
    for tier in ("Tier 1", "Tier 3"):
        row = found.latest.loc[("response", tier)]
        last, then = (responses(rows, fit).at[tier, "value"] for fit in (new, old))
        assert row["model"] == pytest.approx(last - then)
        assert row["model"] != 0
        assert row["restated"] == 0
        assert row["grade"] == Grade.ESTIMATED
        assert row["before"] + row["new"] == pytest.approx(then)
        assert row["low"] < row["after"] < row["high"]
    assert found.refitted
    assert found.latest.drop(index="response", level="figure")["low"].isna().all()
    assert not found.latest.drop(index="response", level="figure")["model"].to_numpy().any()
    assert not compare(of(before), of(before), fits=(old, old)).refitted


def test_a_fit_of_one_version_alone_is_said(panels):
    found = compare(of(panels[0]), of(panels[1]), fits=(None, fitted(panels[1])))
    assert found.latest.loc["response", "state"].tolist() == ["not_before"] * 2
    assert found.refitted is None
    table = headline(of(panels[1]), fit=fitted(panels[1], by=None))
    assert (table["low"] < table["value"]).loc["response"].all()
    assert table.drop(index="response", level="figure")["low"].isna().all()


def test_a_fit_without_the_subsidy_gives_no_response(panels):
    other = share.fit(panels[1], ["log_stations"])
    assert responses(panels[1], other).empty
    with pytest.raises(ValueError, match="region"):
        responses(panels[1], fitted(panels[1], by="region"))


def test_the_model_is_said_with_its_interval(panels, look):
    found = compare(of(panels[0]), of(panels[1]), fits=tuple(map(fitted, panels)))
    key = ("response", "Tier 3")
    view = views.waterfall(found, key, look)
    row = found.latest.loc[key]
    part, low, high = (
        look.say("unit.points_signed", value=f"{row['model']:+.2f}".replace("-", "−")),
        *(look.say("explain.points", value=f"{row[end]:.2f}") for end in ("low", "high")),
    )
    assert view.grade == Grade.ESTIMATED
    said = look.say("change.model_again", part=part, low=low, high=high)
    assert said in view.table[look.say("change.column_why")].tolist()
    again = compare(of(panels[0]), of(panels[0]), fits=(fitted(panels[0]),) * 2)
    table = views.waterfall(again, key, look).table
    assert look.say("change.model_same") in table[look.say("change.column_why")].tolist()
    note = views.table(found, look).set_index(look.say("change.column_figure"))[look.say("change.column_note")]
    assert note[views.label(key, look)] == look.say("change.interval", low=low, high=high)
