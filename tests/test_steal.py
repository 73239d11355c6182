"""One reader's things are nobody else's: a thief who knows every id, digest and name tries all doors."""

import ast
import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis.views.look import Look, View
from analysis.views.theme import Theme
from data.grade import Grade
from data.people import Person, Role, acting_as
from data.workspace import Boards, Ledger, Links, Part, Shelf, Workspace, WorkspaceError
from data.workspace.versions import Provenance
from pages.ui import cached, fits, layers, markets, published, scenarios
from pages.ui.inputs import Filters
from tests.made_board import OTHER, READER
from tests.made_market import with_newco
from tests.small_volumes import volumes

LOOK = Look("en", Theme("light"))
SECRET = 987_654_321.0
NAME = "Operation Nightingale"
LETTER = b"Nightingale's picture"
WHO = {
    "browser": (None, None),
    "person": (Person("Ann", "ann@x.org", Role.ANALYST, READER), Person("Eve", "eve@x.org", Role.ADMIN, OTHER)),
}
SHOWN_TO_ALL = {"scenario": {"open", "versions", "branch", "saved", "snapshot"}, "forecast": {"get"}, "link": {"open"}}
"""Without sign-in, plans and forecasts are for whoever has their link; short links always are."""


@pytest.fixture(params=WHO)
def who(request):
    return WHO[request.param]


@pytest.fixture
def kept(tmp_path, who):
    """What the victim keeps, by kind: the store, and what the thief knows of it."""
    aside = pd.DataFrame({"row": [4], "note": [NAME]})
    rows = volumes([("2026-07", "330100", "cainiao", SECRET), ("2026-06", "330100", "cainiao", SECRET)])
    part = Part("volumes", rows, aside=aside, provenance=Provenance(file=f"{NAME}.csv"))
    workspace, boards, shelf, ledger, links = (kind(tmp_path) for kind in (Workspace, Boards, Shelf, Ledger, Links))
    with acting_as(who[0]):
        info = workspace.save(owner=READER, parts=[part], name=NAME, note=NAME)
        workspace.remember(READER, "volumes", "k", {NAME: "city"})
        digest = hashlib.sha256(LETTER).hexdigest()
        board = boards.save(f'{{"{NAME}": 1}}', owner=READER, name=NAME, parts={digest: LETTER}, digests=[digest])
        plan = shelf.save(NAME, owner=READER, name=NAME, market=NAME, data_version="1", snapshot=LETTER)
        forecast = ledger.add(NAME, owner=READER, title=NAME)
        link = links.make("share", f"market={NAME}", owner=READER)
    return {
        "market": (workspace, info.market, info),
        "board": (boards, board.id, digest),
        "scenario": (shelf, plan.id, plan),
        "forecast": (ledger, forecast.id, forecast),
        "link": (links, link, link),
    }


ME = {"owner": OTHER}
Attempts = dict[str, list[Callable[[], object]]]


def attempts(kind: str, store: object, id: str, known: object) -> Attempts:
    """What the thief tries, by method of the store."""
    every = {
        "activity": [lambda: store.activity(OTHER)],
        "count": [lambda: store.count(OTHER)],
        "take_over": [lambda: store.take_over(OTHER, OTHER)],
        "exists": [lambda: None],
    }
    shared = {
        "access": [lambda: store.access(id, **ME)],
        "allow": [lambda: store.allow(id, "here", **ME)],
        "given": [lambda: store.given()],
        "take_back": [lambda: None],
    }
    removable = {"has": [lambda: store.has(id)], "take_away": [lambda: None]}
    own = {"market": on_market, "board": on_board, "scenario": on_plan, "forecast": on_forecast, "link": on_link}
    return (
        own[kind](store, id, known)
        | every
        | (shared if kind in ("market", "board", "scenario") else {})
        | (removable if kind != "link" else {})
    )


def on_market(store, id, known) -> Attempts:
    rows = volumes([("2026-08", "330100", "cainiao", 1.0)])
    return {
        "save": [lambda: store.save(owner=OTHER, parts=[Part("volumes", rows, "append")], market=id)],
        "preview": [lambda: store.preview(owner=OTHER, parts=[Part("volumes", rows, "append")], market=id)],
        "markets": [lambda: store.markets(OTHER), lambda: store.markets(OTHER, shared=True)],
        "market": [lambda: store.market(id, OTHER), lambda: store.market(NAME, OTHER)],
        "versions": [lambda: store.versions(id, OTHER)],
        "version": [lambda n=n: store.version(id, n, owner=OTHER) for n in (None, 1)],
        "undo": [lambda: store.undo(id, OTHER)],
        "redo": [lambda: store.redo(id, OTHER)],
        "rename": [lambda: store.rename(id, OTHER, "mine")],
        "share": [lambda: store.share(id, OTHER, True)],
        "delete": [lambda: store.delete(id, OTHER)],
        "networks": [lambda: store.networks(id, OTHER)],
        "add_network": [lambda: store.add_network(id, OTHER, with_newco().networks[0])],
        "remember": [lambda: store.remember(OTHER, "volumes", "k", {"x": "month"})],
        "recall": [lambda: store.recall(OTHER, "volumes", "k")],
        "remember_names": [lambda: store.remember_names(OTHER, "city", {"x": "330100"})],
        "recall_names": [lambda: store.recall_names(OTHER, "city")],
        "stamp": [lambda: None],
    }


def on_board(store, id, known) -> Attempts:
    return {
        "save": [lambda: store.save("{}", id=id, **ME), lambda: store.save("{}", name="x", digests=[known], **ME)],
        "open": [lambda: store.open(id, asker=OTHER), lambda: store.open(id, 1, asker=OTHER)],
        "part": [lambda: store.part(known, board=id, asker=OTHER)],
        "versions": [lambda: store.versions(id, asker=OTHER)],
        "boards": [lambda: store.boards(OTHER)],
        "received": [lambda: store.received()],
        "rename": [lambda: store.rename(id, "mine", **ME)],
        "share": [lambda: store.share(id, shared=True, **ME)],
        "delete": [lambda: store.delete(id, **ME)],
    }


def on_plan(store, id, known) -> Attempts:
    return {
        "save": [lambda: store.save("{}", id=id, name="x", market="m", data_version="1", **ME)],
        "branch": [lambda: store.branch(id, name="mine", **ME)],
        "rename": [lambda: store.rename(id, "mine", **ME)],
        "archive": [lambda: store.archive(id, **ME)],
        "restore": [lambda: store.restore(id, **ME)],
        "delete": [lambda: store.delete(id, **ME)],
        "received": [lambda: store.received()],
        "saved": [lambda: store.saved(OTHER), lambda: store.saved(OTHER, archived=True)],
        "open": [lambda: store.open(id)],
        "versions": [lambda: store.versions(id)],
        "snapshot": [lambda: store.snapshot(known)],
    }


def on_forecast(store, id, known) -> Attempts:
    return {
        "add": [lambda: None],
        "list": [lambda: store.list(OTHER)],
        "get": [lambda: store.get(id)],
        "remove": [lambda: store.remove(id, **ME)],
    }


def on_link(store, id, known) -> Attempts:
    return {
        "make": [lambda: store.make("share", "x", **ME)],
        "open": [lambda: store.open(id)],
        "links": [lambda: store.links(OTHER)],
        "delete": [lambda: store.delete(id, **ME)],
    }


def stolen(found: object) -> bool:
    """Whether anything of the victim's is in an answer."""
    if callable(getattr(found, "table", None)):
        return True
    text = found if isinstance(found, bytes) else repr(found).encode()
    return any(mark in text for mark in (NAME.encode(), LETTER, b"987654321", b"9.87654321e"))


@pytest.mark.parametrize("kind", ["market", "board", "scenario", "forecast", "link"])
def test_no_method_of_a_store_gives_anything_away(kept, who, kind):
    store, id, known = kept[kind]
    tried = attempts(kind, store, id, known)
    public = {name for name, _ in inspect.getmembers(store, callable) if not name.startswith("_")}
    constants = {"KIND", "TABLE", "FLAG", "UNKNOWN", "FOREIGN"}
    assert public - constants == set(tried), "a method that nobody tries to steal with"
    for method, calls in tried.items():
        for call in calls:
            with acting_as(who[1]):
                try:
                    found = call()
                except WorkspaceError as error:
                    found = str(error)
            open_to_all = method in SHOWN_TO_ALL.get(kind, ()) and (who[1] is None or kind == "link")
            assert open_to_all or not stolen(found), (kind, method, found)


def test_nothing_of_the_victim_s_was_changed(kept, who):
    before = {kind: state(kept, who, kind) for kind in ("market", "board", "scenario")}
    for kind in before:
        for calls in attempts(kind, *kept[kind]).values():
            for call in calls:
                with acting_as(who[1]):
                    try:
                        call()
                    except WorkspaceError:
                        continue
    assert {kind: state(kept, who, kind) for kind in before} == before


def state(kept, who, kind):
    store, id, _ = kept[kind]
    with acting_as(who[0]):
        if kind == "market":
            return store.versions(id, READER), store.version(id, owner=READER).table("volumes").to_pylist()
        return store.versions(id, asker=READER) if kind == "board" else store.saved(READER)


def pictures(market):
    """A picture that shows whose it is: the cities of the market."""
    cities = pd.DataFrame({"city": sorted(market.panel.city.unique())})
    return View({}, cities, "", "", "", Grade.REPORTED)


def shown(market):
    """What every public function of the cache tells of a market."""
    filters = Filters(pd.Timestamp("2026-06-01"), (), (), ())
    network = cached.networks(market)[0]
    codes = cached.city_codes(market, filters)
    return {
        "months": tuple(cached.months(market)),
        "networks": tuple(cached.networks(market)),
        "city_codes": tuple(codes),
        "wide": cached.wide(market, "month", filters, history=True).sum().sum(),
        "history": cached.history(market, "city", filters, most=500).sum().sum(),
        "city_rows": len(cached.city_rows(market, "440100")),
        "stations_over_time": cached.stations_over_time(market, filters).sum(),
        "cities": cached.cities(market, filters, LOOK, network=network).iloc[:, :3].to_csv(),
        "stations": len(cached.stations(market, filters, "all")),
        "deck": cached.deck(market, filters, "all", network, LOOK)[1],
        "pictured": cached.pictured(market, filters, LOOK, "cities", lambda: pictures(market)).table.to_csv(),
    }


NOT_OF_A_MARKET = {
    *("demo_market", "warm", "market", "source", "need_volumes", "city_tier", "place_names", "city_label", "anchors"),
    *("drawn", "kept", "kept_large"),
}


def test_no_public_function_of_the_cache_tells_one_market_by_the_key_of_another():
    """Two markets of the same digest, of two readers: what one has made stay in the cache is never the other's."""
    mine = with_newco(cities=60, version=f"{'a' * 32}-0123456789ab")
    his = with_newco(cities=30, version=f"{'b' * 32}-0123456789ab")
    first = shown(mine)
    second = shown(his)
    assert first.keys() | NOT_OF_A_MARKET == {
        name
        for name, one in vars(cached).items()
        if callable(one) and not name.startswith("_") and getattr(one, "__module__", "") == cached.__name__
    } - {"T"}
    different = {name for name in first if first[name] != second[name]}
    assert different >= {"city_codes", "wide", "history", "stations", "cities", "stations_over_time", "pictured"}
    for name in ("_wide", "_history", "_city_codes", "_cities", "_stations", "_deck", "drawn"):
        getattr(cached, name).clear()
    assert shown(his) == second


def test_the_key_of_a_market_carries_its_holder_and_its_digest(tmp_path):
    workspace = Workspace(tmp_path)
    part = Part("volumes", volumes([("2026-07", "330100", "cainiao", 5.0)]))
    infos = [workspace.save(owner=owner, parts=[part], name="same") for owner in (READER, OTHER)]
    assert infos[0].digest == infos[1].digest
    marks = [markets.mark(info, ()) for info in infos]
    assert marks[0] != marks[1]
    assert [mark.partition("-")[0] for mark in marks] == [info.market for info in infos]
    assert all(mark.endswith(info.digest) for mark, info in zip(marks, infos, strict=True))
    assert markets.keeper_of(READER, infos[0].market) != markets.keeper_of(OTHER, infos[0].market)


PUBLIC_NAMES = {"version", "source", "key", "name", "picture", "since", "of", "until"}


@pytest.mark.parametrize("module", [cached, fits, published, scenarios], ids=lambda one: one.__name__)
def test_every_cache_that_holds_a_reader_s_data_is_keyed_by_whose_they_are(module):
    """The first part of the key of whatever is made from unhashed data names market and digest, or all of the data."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or "st.cache" not in "".join(map(ast.unparse, node.decorator_list)):
            continue
        names = [one.arg for one in node.args.args]
        if any(name.startswith("_") for name in names):
            assert names[0] in PUBLIC_NAMES, (node.name, names)


def test_a_layer_is_for_its_owner_alone():
    shelf = layers.Shelf()
    address = shelf.offer(READER, ("rows", "digest"), lambda name: LETTER)
    token = address.rpartition("/")[2]
    assert shelf.packet(token, "rows.json", READER).body == LETTER
    for thief in (OTHER, "", READER.upper(), READER[:-1]):
        assert shelf.packet(token, "rows.json", thief) is None
    assert shelf.offer(OTHER, ("rows", "digest"), lambda name: b"other") != address
