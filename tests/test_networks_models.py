"""A market with a thirteenth network: shares, responses, captive parcels, scenarios and charts take it in."""

import pytest

from analysis import captive, market, responses, share, summary
from analysis.economics import networks as economics
from analysis.scenario import Lever, Scenario, market_model, simulate
from analysis.scenario.files import ScenarioFileError, from_json, from_link, to_json, to_link
from analysis.share import nested
from analysis.views import charts
from analysis.views.theme import Theme
from data.grade import Grade
from data.platforms import OUTSIDE, using
from tests.made_market import NEWCO, with_newco


@pytest.fixture(scope="module")
def found():
    return with_newco()


@pytest.fixture(scope="module", autouse=True)
def in_use():
    with using((NEWCO,)):
        yield


@pytest.fixture(scope="module")
def fit(found):
    return share.fit(found.panel, ["subsidy_cny_per_parcel", "log_stations"], volume="open_parcels")


def test_it_stands_in_shares_and_owners(found):
    wide = summary.wide(summary.at(found.panel, found.panel["month"].max()), "tier")
    assert list(wide)[-2:] == [NEWCO.key, OUTSIDE]
    assert wide[NEWCO.key].sum() > 0
    assert summary.by_owner(wide)["ByteDance"].equals(wide[NEWCO.key].rename("ByteDance"))
    owners = market.by_owner(summary.at(found.panel, found.panel["month"].max()))
    assert 0 < owners["ByteDance"].item() < 1


def test_it_stands_in_the_share_model(found, fit):
    rows = summary.at(found.panel, found.panel["month"].max())
    changes = responses.matrix(rows, fit, "subsidy_cny_per_parcel", tier="all", step=0.01)
    assert changes.at[NEWCO.key, NEWCO.key] > 0 > changes.at["cainiao", NEWCO.key]
    assert nested.kinds()[NEWCO.key] == "station"


def test_its_captive_parcels_can_be_assumed(found):
    assumed = captive.assume(found.panel, {NEWCO.key: 0.5})
    ours = assumed["platform"] == NEWCO.key
    assert assumed.loc[ours, "open_parcels"].sum() < found.panel.loc[ours, "parcels"].sum()


def test_it_stands_in_scenarios_and_their_links(found, fit):
    model = market_model(found.panel, fit, month=found.panel["month"].max())
    plan = Scenario("war", (Lever(NEWCO.key, 0.05),))
    moved = simulate(plan, model, draws=0).point.volumes[:, :, model.platforms.index(NEWCO.key)].sum(axis=1)
    still = simulate(Scenario("still"), model, draws=0).point.volumes[:, :, model.platforms.index(NEWCO.key)]
    assert moved[-1] > still.sum(axis=1)[-1]
    assert model.formats[model.platforms.index(NEWCO.key)] == "station"
    assert from_json(to_json(plan)) == plan
    assert from_link(to_link(plan))[0].levers == plan.levers
    with using(()), pytest.raises(ScenarioFileError):
        from_json(to_json(plan))


def test_its_stations_earn(found):
    rows = summary.at(found.panel, found.panel["month"].max())
    assert economics.incomes_by_tier(rows).loc[NEWCO.key].notna().any(axis=None)


def test_it_has_its_name_and_colour_in_charts(found, look):
    view = charts.share_by(summary.wide(found.panel, "tier"), look, group="tier", caption="", grade=Grade.REPORTED)
    trace = next(trace for trace in view.figure.data if trace.name == look.name(NEWCO.key))
    assert look.name(NEWCO.key) in (NEWCO.en, NEWCO.zh)
    assert trace.marker.color == NEWCO.light == Theme("light").colour("ByteDance")
