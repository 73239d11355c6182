"""Columns of the user's own: from a header nobody knows, through the panel, to an instrument on the page."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import robust, share
from data import intake
from data.cities import cities
from data.grade import Grade
from data.intake.own import LEAST_NUMBERS
from data.markets import PANEL, make
from data.schema import DATASETS, MOST_OWN
from data.text import LANGUAGES, say
from pages.ui import state
from tests.test_pages import start
from tests.uploads import use

HEADER = "month,city,platform,parcels"
KNOWN = list(DATASETS["volumes"].columns)
SUBSIDY = "subsidy_cny_per_parcel"


def read(text, dataset="volumes"):
    return intake.read(text.encode(), dataset)


def told(found):
    return found.problems[["row", "column", "value", "code", "severity"]].to_numpy().tolist()


def one_column(cells, header="rain"):
    rows = [f'{2000 + n // 12}-{n % 12 + 1},杭州,菜鸟,3,"{cell}"' for n, cell in enumerate(cells)]
    return "\n".join([f"{HEADER},{header}", *rows])


# intake


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_column_of_numbers_is_kept_under_its_own_name(encoding):
    rows = '2024-01,杭州,菜鸟,3,"1,207.5"', "2024-01,金华,多多,4,", "2024-02,金华,多多,4,１２"
    text = "\n".join(["月份,城市,平台,件量,油价（元/升）", *rows])
    found = intake.read(text.encode(encoding), "volumes")
    assert list(found.table) == [*KNOWN, "油价（元/升）"]
    np.testing.assert_array_equal(found.table["油价（元/升）"], [1207.5, np.nan, 12.0])
    assert told(found) == [[1, "油价（元/升）", "", "own_column", "info"]]
    assert found.ok
    assert "油价（元/升）" not in found.mapping


def test_words_under_an_unknown_header_are_not_kept():
    found = read(one_column(["sunny", "9"]))
    assert list(found.table) == KNOWN
    assert told(found) == [[1, "rain", "", "unknown_column", "info"]]


def test_an_empty_column_and_one_without_a_name_are_not_kept():
    assert list(read(one_column(["", ""])).table) == KNOWN
    assert told(read(one_column(["1", "2"], header=""))) == [[1, "#5", "", "unknown_column", "info"]]


@pytest.mark.parametrize(("bad", "kept"), [(5, True), (6, False)])
def test_a_few_bad_cells_are_emptied_and_their_rows_kept(bad, kept):
    found = read(one_column(["wet"] * bad + ["7"] * (100 - bad)))
    assert LEAST_NUMBERS == 1 - 5 / 100
    assert found.kept == 100
    assert ("rain" in found.table) == kept
    if kept:
        assert found.table["rain"].isna().sum() == bad
        assert told(found)[1:] == [[row, "rain", "wet", "own_not_a_number", "warning"] for row in range(2, 2 + bad)]


def test_a_row_set_aside_takes_its_own_cell_along():
    found = read(f"{HEADER},rain\n2024-01,Atlantis,菜鸟,3,1\n2024-01,杭州,菜鸟,3,2\n合计,,,6,3\n")
    assert found.table["rain"].to_list() == [2.0]


@pytest.mark.parametrize("header", ["stations", "log_stations", "Tier", "subsidy cny per parcel", "PROVINCE"])
def test_the_name_of_a_panel_column_is_refused_in_a_sentence(header):
    found = read(one_column(["1"], header=header))
    assert list(found.table) == KNOWN
    assert told(found) == [[1, header, "", "own_name_taken", "warning"]]


def test_at_most_so_many_are_kept():
    names = [f"x{n}" for n in range(MOST_OWN + 2)]
    found = read(f"{HEADER},{','.join(names)}\n2024-01,杭州,菜鸟,3{',1' * len(names)}\n")
    assert list(found.table) == [*KNOWN, *names[:MOST_OWN]]
    assert [code for *_, code, _ in told(found)] == ["own_column"] * MOST_OWN + ["too_many_own"] * 2
    last = found.problems.iloc[-1].to_dict()
    assert str(MOST_OWN) in say("problem.too_many_own", "zh", **intake.values(last))


def test_headers_that_differ_in_case_or_would_break_sql_stay_apart():
    found = read(f'{HEADER},Rain,rain,t_month,row,c0,"a""b\';--"\n2024-01,杭州,菜鸟,3,1,2,3,4,5,6\n')
    assert found.table.iloc[0].to_dict() == {
        **found.table.iloc[0][KNOWN].to_dict(), "Rain": 1.0, "rain": 2.0, "t_month": 3.0, "row #8": 4.0, "c0": 5.0,
        "a\"b';--": 6.0,
    }  # fmt: skip


def test_other_datasets_keep_none():
    text = "platform,city,start,subsidy_cny_per_parcel,rain\n菜鸟,杭州,2024-01-01,0.1,9\n"
    assert told(read(text, "subsidies")) == [[1, "rain", "", "unknown_column", "info"]]


def test_a_header_left_out_by_the_mapping_is_not_kept():
    found = intake.read(one_column(["1"]).encode(), "volumes", mapping={"rain": ""})
    assert (list(found.table), len(found.problems)) == (KNOWN, 0)


def test_a_missing_column_keeps_nothing():
    found = read("month,city,platform,rain\n2024-01,杭州,菜鸟,9\n")
    assert (found.kept, list(found.table)) == (0, KNOWN)


def test_an_exported_table_reads_back_with_its_own_columns():
    table = read(one_column(["1.5", "", "3"])).table
    pd.testing.assert_frame_equal(read(table.to_csv(index=False)).table, table)


# panel


def market(volumes):
    return make("test", grade=Grade.REPORTED, version="0" * 12, source="test", volumes=volumes)


def test_the_panel_ends_in_means_over_origins():
    text = (
        f"{HEADER},origin,Rain,rain\n2024-01,杭州,菜鸟,3,JD,1,\n2024-01,杭州,菜鸟,4,other,4,\n2024-01,杭州,菜鸟,9,,,2\n"
    )
    panel = market(read(text + "2024-01,杭州,送货上门,9,,,\n2024-01,金华,京东,9,,8,\n").table).panel
    assert tuple(panel) == (*PANEL, "Rain", "rain")
    rows = panel.set_index(["city", "platform"])[["Rain", "rain"]]
    assert rows.loc[("330100", "cainiao")].to_list() == [2.5, 2.0]
    assert rows.loc[("330700", "jd"), "Rain"] == 8.0
    assert rows.loc[("330100", "home")].isna().all()
    assert rows.loc[("330700", "home")].isna().all()  # a row that the volumes do not hold
    assert robust.own_columns(panel) == ["Rain", "rain"]


def test_own_columns_change_no_other_column_of_the_panel():
    table = read(one_column(["1", "2", "", "4"])).table
    panel = market(table).panel
    pd.testing.assert_frame_equal(panel[list(PANEL)], market(table[KNOWN]).panel)


def test_a_frame_with_the_name_of_a_panel_column_is_refused():
    with pytest.raises(ValueError, match="stations is one that the panel makes itself"):
        market(read(one_column(["1"])).table.rename(columns={"rain": "stations"}))


# instrument

TRUTH = 6.0
NEAR = 2.0
"""Four standard errors of the instrumented coefficient of a tier; least squares is off by some five."""
MONTHS = [f"2025-{m:02}" for m in range(1, 13)]
PAYERS = ("cainiao", "duoduo", "tuxi")
OWN = "燃油~成本 %"


def files(*, own=lambda z: z):
    """Volumes (with a cost that moves subsidies alone) and subsidies (which also follow a shock of the share)."""
    rng = np.random.default_rng(3)
    places = cities().query("tier in ('Tier 2', 'Tier 3')").groupby("tier", observed=True).head(20).index
    volumes, subsidies = [f"{HEADER},{OWN}"], ["platform,city,start,end,subsidy_cny_per_parcel"]
    for city in places:
        for month in MONTHS:
            cost, shock = rng.uniform(-1, 1, (2, len(PAYERS)))
            paid = np.round(0.15 + 0.05 * cost + 0.04 * shock, 4)
            attraction = np.exp(TRUTH * paid + 0.5 * shock + rng.normal(0, 0.05, len(PAYERS)))
            last = pd.Period(month).days_in_month
            for n, network in enumerate(PAYERS):
                volumes.append(f"{month},{city},{network},{round(1e6 * attraction[n])},{own(cost[n]):.6f}")
                subsidies.append(f"{network},{city},{month}-01,{month}-{last},{paid[n]}")
            volumes.append(f"{month},{city},home,2000000,")
    return {"volumes": "\n".join(volumes).encode("gb18030"), "subsidies": "\n".join(subsidies).encode()}


@pytest.fixture(scope="module")
def uploads():
    return files()


@pytest.fixture(scope="module")
def panel(uploads):
    tables = {dataset: intake.read(content, dataset).table for dataset, content in uploads.items()}
    return make("test", grade=Grade.REPORTED, version="0" * 12, source="test", **tables).panel


@pytest.fixture(scope="module")
def plain_fit(panel):
    effects = (("platform", "tier"), ("platform", "month"))
    return share.fit(panel, [SUBSIDY], volume="open_parcels", by="tier", effects=effects)


def test_the_instrument_finds_the_truth_where_least_squares_does_not(panel, plain_fit):
    found = robust.instrumented(panel, plain_fit, SUBSIDY, (OWN,))
    assert (found.instrumented.conditional_f > robust.STRONG).all()
    np.testing.assert_allclose(found.estimates(SUBSIDY)["estimate"], TRUTH, atol=NEAR)
    assert (plain_fit.estimates(SUBSIDY)["low"] > TRUTH + NEAR).all()


def test_rows_without_the_column_are_left_out_and_no_others(panel, plain_fit):
    found = robust.instrumented(panel, plain_fit, SUBSIDY, (OWN,))
    assert set(panel.index[panel[OWN].notna()]) == set(found.residuals.index)
    assert found.nobs == len(panel) * len(PAYERS) // (len(PAYERS) + 1)
    both = robust.instrumented(panel, plain_fit, SUBSIDY, ("tier", OWN))
    assert both.nobs == found.nobs
    assert robust.instrumented(panel, plain_fit, SUBSIDY).nobs == len(panel)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda p: p[OWN] * np.nan, "few_rows"),
        (lambda p: p[OWN].where(p["city"] == p["city"].iloc[0]), "few_clusters"),
        (lambda p: p[OWN].where(p.index < 0).fillna(1.0), "no_variation"),
        (lambda p: p["city"].astype("int64"), "no_variation"),
        (lambda p: p[SUBSIDY], "itself"),
    ],
)
def test_a_column_that_cannot_serve_is_refused_with_its_reason(panel, plain_fit, change, code):
    with pytest.raises(share.ShareError) as caught:
        robust.instrumented(panel.assign(**{OWN: change(panel)}), plain_fit, SUBSIDY, (OWN,))
    assert caught.value.code == code
    assert all(say(f"why.{code}", lang) for lang in LANGUAGES)


def test_cells_without_parcels_are_refused_unless_the_column_leaves_them_out(panel, plain_fit):
    empty = panel["platform"] == "home"
    with pytest.raises(share.ShareError) as caught:
        robust.instrumented(panel.assign(open_parcels=panel["open_parcels"].mask(empty, 0)), plain_fit, SUBSIDY)
    assert caught.value.code == "zeros"


# page


def on_instruments(lang, uploads):
    app = start("data", lang=lang)
    use(app, uploads)
    listed = {words for table in app.dataframe for words in table.value.astype(str).to_numpy().ravel()}
    app.switch_page("pages/share.py").run()
    app.button_group(key=f"view.{lang}.share").set_value("trust").run()
    return app.button_group(key=f"proof.{lang}.share").set_value("instruments").run(), listed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_uploaded_column_is_chosen_as_an_instrument_on_the_page(lang, uploads):
    app, listed = on_instruments(lang, uploads)
    assert say("problem.own_column", lang, column=OWN) in listed
    assert say("instrument.own_rule", lang) in [c.value for c in app.caption]
    app.multiselect(key=f"instrument.{lang}.share").set_value([OWN]).run()
    assert not app.exception
    assert not app.error
    assert say("finding.instruments", lang, n=2, total=2, limit="10") in [h.value for h in app.header]
    left_out = say("instrument.left_out", lang, n="480", total="1,920", columns=OWN)
    assert f"- {left_out}" in [m.value for m in app.markdown]
    estimates = next(t.value for t in app.dataframe if say("model.estimate", lang) in t.value)
    np.testing.assert_allclose(estimates[say("model.estimate", lang)], TRUTH, atol=NEAR)
    assert state.some_of(["tier", OWN])("".join(app.query_params["instrument"])) == [OWN]
    app.run()
    assert app.multiselect(key=f"instrument.{lang}.share").value == [OWN]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_column_that_says_nothing_is_answered_in_a_sentence(lang):
    app, _ = on_instruments(lang, files(own=lambda _: 1.0))
    app.multiselect(key=f"instrument.{lang}.share").set_value([OWN]).run()
    assert not app.exception
    assert not app.error
    assert say("instrument.failed", lang, reason=say("why.no_variation", lang)) in [i.value for i in app.info]
    assert say("instrument.own_flat", lang) in [c.value for c in app.caption]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=8), unique=True, max_size=5))
def test_any_names_survive_the_url(names):
    assert state.some_of(names)(state.joined(names)) == (names or None)


def test_links_to_plain_names_stay_as_they_were():
    assert state.joined(["Tier 1", "Tier 2"]) == "Tier 1~Tier 2"
