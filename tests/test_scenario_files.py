"""A scenario survives its file and its link, and neither can be made to break what reads it."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.economics.assumptions import ASSUMPTIONS
from analysis.rivalry.rules import KINDS as RULES
from analysis.rivalry.rules import Rule
from analysis.scenario.fields import BEYOND, LONGEST_NAME, MESSAGES, MOST_LEVERS, MOST_MONTHS
from analysis.scenario.files import ScenarioFileError, from_json, from_link, to_json, to_link
from analysis.scenario.levers import KINDS, Lever, Scenario
from data.cities import REGIONS, TIERS, cities
from data.platforms import PLATFORMS
from data.text import LANGUAGES, catalogue, say

PLACES = cities()
CITIES = list(PLACES.index)
COURIERS = ["", "ZTO", "J&T (China)"]
PROVINCES = sorted(PLACES["province_en"].unique())
PRINTABLE = st.characters(codec="utf-8").filter(str.isprintable)
WORDS = st.text(PRINTABLE, max_size=40)
MONTHS = st.integers(1, MOST_MONTHS)


@st.composite
def levers(draw):
    kind = draw(st.sampled_from(list(KINDS.values())))
    start = draw(MONTHS)
    return Lever(
        draw(st.sampled_from(list(PLATFORMS))),
        draw(st.floats(BEYOND * min(kind.low, 0), BEYOND * kind.high)),
        draw(st.none() | st.sampled_from(TIERS)),
        kind=kind.key,
        region=draw(st.none() | st.sampled_from(REGIONS)),
        province=draw(st.none() | st.sampled_from(PROVINCES)),
        cities=tuple(draw(st.lists(st.sampled_from(CITIES), max_size=3))),
        courier=draw(st.sampled_from(COURIERS)),
        start_month=start,
        ramp_months=draw(st.integers(0, MOST_MONTHS)),
        end_month=draw(st.none() | st.integers(start + 1, MOST_MONTHS + 1)),
    )


@st.composite
def rules(draw):
    kind = draw(st.sampled_from(RULES))
    least = 1 if kind in ("best_response", "budget") else 0
    return Rule(kind, draw(st.floats(0, 2)), draw(st.integers(least, MOST_MONTHS)), draw(st.floats(0, 1e12)))


@st.composite
def scenarios(draw):
    chosen = draw(st.lists(st.sampled_from(list(ASSUMPTIONS.values())), unique_by=lambda a: a.key, max_size=4))
    return Scenario(
        draw(WORDS),
        tuple(draw(st.lists(levers(), max_size=6))),
        draw(st.integers(1, 10**9)),
        rules=tuple(draw(st.dictionaries(st.sampled_from(list(PLATFORMS)), rules(), max_size=3)).items()),
        months=draw(MONTHS),
        growth_per_year=draw(st.floats(-0.5, 1)),
        assumptions=tuple((a.key, draw(st.floats(a.low / BEYOND, BEYOND * a.high))) for a in chosen),
        note=draw(st.text(PRINTABLE | st.just("\n"), max_size=60)),
        preset=draw(WORDS),
    )


WAR = Scenario(
    "多多 pays 0.12 in tiers 3-4",
    tuple(Lever("duoduo", 0.05, tier, start_month=1, ramp_months=3) for tier in ("Tier 3", "Tier 4")),
    rules=(("cainiao", Rule("match", 0.5, 3)),),
    months=24,
    growth_per_year=0.04,
    assumptions=(("margin_cny_per_parcel", 0.4),),
)


@settings(deadline=None)
@given(scenarios())
def test_a_file_gives_the_same_scenario_back(scenario):
    assert from_json(to_json(scenario)) == scenario
    assert from_json(to_json(scenario).encode()) == scenario


@settings(deadline=None)
@given(scenarios())
def test_a_link_gives_the_same_scenario_back_through_an_address(scenario):
    address = urlencode({"scenario": to_link(scenario)})
    assert from_link(parse_qs(address, keep_blank_values=True)["scenario"][0]) == (scenario, ())


@settings(deadline=None)
@given(st.text(max_size=300) | st.text("nvmgpolra.~-_0123456789ertsck", max_size=200))
def test_any_text_as_a_link_gives_a_scenario_and_what_was_left_out(text):
    scenario, problems = from_link(text)
    assert from_link(to_link(scenario))[0] == scenario
    assert all(isinstance(problem, ScenarioFileError) for problem in problems)


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)), max_leaves=8)  # fmt: skip


@settings(deadline=None)
@given(st.sampled_from(sorted(json.loads(to_json(WAR)))), JSON)
def test_a_file_with_any_field_replaced_is_read_or_refused_with_words(field, value):
    document = json.loads(to_json(WAR)) | {field: value}
    said = []
    try:
        from_json(json.dumps(document))
    except ScenarioFileError as problem:
        said = [say(f"keep.error_{problem.code}", lang, **problem.values) for lang in LANGUAGES]
    assert all(said)


def test_the_link_is_short_and_can_be_read():
    assert to_link(WAR) == (
        "n.多多-pays-0.12-in-tiers-3_2d_4~m.24~g.0.04~l.duoduo.subsidy.0.05.t3.t4.r3"
        "~r.cainiao.match.0.5.w3~a.margin_cny_per_parcel.0.4"
    )


def test_cities_are_written_short_and_read_either_way():
    lever = Lever("jd", 300.0, kind="stations", cities=("610100", "110000"))
    assert to_link(Scenario("", (lever,))).endswith("l.jd.stations.300.c6101-1100")
    assert from_link("l.jd.stations.300.c610100.c110000")[0].levers == (lever,)


TIERED = tuple(PLACES.sort_index().sort_values("tier", kind="stable").index)
CODES = tuple(sorted(CITIES))
LISTS = st.sampled_from((CODES, TIERED)).flatmap(
    lambda order: st.tuples(st.integers(0, len(order)), st.integers(0, len(order))).map(
        lambda ends: order[min(ends) : max(ends)]
    )
)


@settings(deadline=None)
@given(LISTS, LISTS, st.permutations(CODES[:9]))
def test_lists_of_cities_survive_in_their_order(first, second, third):
    scenario = Scenario("", (Lever("jd", 0.02, cities=(*first[::2], *second, *third)[: len(CITIES)]),))
    assert from_link(to_link(scenario)) == (scenario, ())


@pytest.mark.parametrize("order", [CODES, TIERED])
def test_many_levers_on_all_cities_fit_in_a_link(order):
    levers = tuple(Lever(name, 0.01, "Tier 3", kind=kind, cities=order) for name in PLATFORMS for kind in KINDS)
    link = to_link(Scenario("", levers))
    assert len(link) < 5_000
    assert from_link(link)[0].levers == levers


def test_a_link_that_would_not_open_is_never_written():
    scattered = tuple(Lever(name, 0.01, kind=kind, cities=CODES[::2]) for name in PLATFORMS for kind in KINDS)
    for levers, code in ((scattered, "too_long"), ((Lever("jd", 0.01),) * (MOST_LEVERS + 1), "too_many")):
        with pytest.raises(ScenarioFileError) as problem:
            to_link(Scenario("", levers))
        assert problem.value.code == code
    assert from_json(to_json(Scenario("", scattered))).levers == scattered


def test_levers_over_several_tiers_are_one_piece_and_everywhere_stays_everywhere():
    one, everywhere = Lever("jd", 0.02, "New Tier 1"), Lever("jd", 0.02)
    scenario = Scenario("", (one, everywhere, everywhere, Lever("jd", 0.02, "Tier 5")))
    pieces = to_link(scenario).split("~")[1:]
    assert pieces == ["l.jd.subsidy.0.02.tn", "l.jd.subsidy.0.02", "l.jd.subsidy.0.02", "l.jd.subsidy.0.02.t5"]
    assert from_link(to_link(scenario))[0].levers == scenario.levers


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ("l.nobody.subsidy.0.05", "unknown"),
        ("l.duoduo.bribe.0.05", "unknown"),
        ("l.duoduo.subsidy.nan", "not_a_number"),
        ("l.duoduo.subsidy.inf", "not_a_number"),
        ("l.duoduo.subsidy.1e999", "not_a_number"),
        ("l.duoduo.subsidy.٣", "not_a_number"),
        ("l.duoduo.subsidy.40", "out_of_range"),
        ("l.duoduo.subsidy.0.05.t9", "unknown"),
        ("l.duoduo.subsidy.0.05.c999999", "unknown"),
        ("l.duoduo.subsidy.0.05.c1301_9999", "unknown"),
        ("l.duoduo.subsidy.0.05.c3301_1301", "unreadable"),
        ("l.duoduo.subsidy.0.05.c1301_1302_3301", "unreadable"),
        ("l.duoduo.subsidy.0.05.gMoon", "unknown"),
        ("l.duoduo.cooperation.0.05.kNobody", "unknown"),
        ("l.duoduo.subsidy.0.05.s1.s2", "unreadable"),
        ("l.duoduo.subsidy.0.05.s6.e6", "ends_early"),
        ("l.duoduo.subsidy.0.05.s1.5", "not_a_number"),
        ("l.duoduo", "unreadable"),
        ("l", "unreadable"),
        ("r.cainiao.match.3", "out_of_range"),
        ("r.cainiao.best_response.w0", "out_of_range"),
        ("r.nobody.match", "unknown"),
        ("r.cainiao.match.0.5~r.cainiao.static", "repeated"),
        ("a.luck.1", "unknown"),
        ("a.margin_cny_per_parcel.-1", "out_of_range"),
        ("m.0", "out_of_range"),
        ("m.2.5", "not_a_number"),
        ("m.6~m.7", "repeated"),
        ("g.9", "out_of_range"),
        ("n.a_7_b", "not_text"),
        (f"n.{'x' * (LONGEST_NAME + 1)}", "too_long"),
        ("z.1", "unreadable"),
        ("%00", "unreadable"),
    ],
)
def test_a_bad_piece_is_left_out_and_said(piece, code):
    scenario, problems = from_link(f"{piece}~l.jd.subsidy.0.03")
    assert [problem.code for problem in problems] == [code]
    assert Lever("jd", 0.03) in scenario.levers
    assert all(say(f"keep.error_{code}", lang, **problems[0].values) for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "code"),
    [("~".join(["l.jd.subsidy.0.01"] * (MOST_LEVERS + 1)), "too_many"), ("n." + "x" * 20_000, "too_long")],
)
def test_a_link_too_large_to_mean_anything_is_refused(text, code):
    with pytest.raises(ScenarioFileError) as problem:
        from_link(text)
    assert problem.value.code == code


def edited(**fields):
    return json.dumps(json.loads(to_json(WAR)) | fields)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_json"),
        (b"\xff\xfe\x00", "no_json"),
        ("[" * 100_000, "no_json"),
        ("1" * 5_000, "no_json"),
        ("[]", "not_a_list"),
        ("x" * 500_000, "too_long"),
        ("{}", "other_file"),
        ('{"posthouse": "scenario", "posthouse": "scenario"}', "repeated"),
        (edited(posthouse="map"), "other_file"),
        (edited(format=2), "newer"),
        (edited(format=True), "not_a_number"),
        (edited(colour="red"), "unknown_field"),
        (edited(name=None), "missing"),
        (edited(name="a\x00b"), "not_text"),
        (edited(months=1e999), "not_a_number"),
        (edited(months=10**40), "out_of_range"),
        (edited(growth_per_year=float("nan")), "not_a_number"),
        (edited(levers={"platform": "jd"}), "not_a_list"),
        (edited(levers=[{"platform": "jd"}]), "missing"),
        (edited(levers=[{"platform": "jd", "change": "0.1"}]), "not_a_number"),
        (edited(levers=[{"platform": "nobody", "change": 0.1}]), "unknown"),
        (edited(levers=[{"platform": "jd", "change": 0.1, "when": 3}]), "unknown_field"),
        (edited(levers=[{"platform": "jd", "change": 0.1}] * 10_000), "too_many"),
        (edited(levers=[{"platform": "jd", "change": 0.1, "cities": ["610100"] * 999}]), "too_many"),
        (edited(rules={"cainiao": {"kind": "bomb"}}), "unknown"),
        (edited(assumptions={"margin_cny_per_parcel": -1}), "out_of_range"),
        (edited(assumptions=[]), "not_a_list"),
    ],
)
def test_a_bad_file_is_refused_with_the_field_and_the_way_out(text, code):
    with pytest.raises(ScenarioFileError) as problem:
        from_json(text)
    assert problem.value.code == code
    assert all(len(value) <= 300 for value in problem.value.values.values())


def test_every_refusal_has_words_in_both_languages():
    codes = {key.removeprefix("keep.error_") for key in catalogue() if key.startswith("keep.error_")}
    assert codes == set(MESSAGES)
    for code in codes:
        fields = set(MESSAGES[code].split("{")[1:])
        names = {field.split("}")[0]: "1" for field in fields}
        assert all(say(f"keep.error_{code}", lang, **names) for lang in LANGUAGES)


def test_the_document_states_every_assumption_with_its_range_and_grade():
    text = (Path(__file__).parents[1] / "docs" / "scenario.md").read_text(encoding="utf-8")
    for key, a in ASSUMPTIONS.items():
        (line,) = [line for line in text.splitlines() if f"`{key}`" in line]
        cells = [cell.strip() for cell in line.split("|")]
        assert cells[2:4] == [f"{a.value:g}", f"{a.low:g} to {a.high:g}"]
        assert cells[5] == a.grade
