"""Outlines of a reader's own: what is found in a file, what is refused, and who sees what is kept."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from starlette.applications import Starlette

from data import boundaries, boundary_file, geo
from data.boundary_file import BoundaryError, area, check
from data.cities import cities
from data.workspace import WorkspaceError
from pages.ui import outlines
from pages.ui.owner import COOKIE

SQUARE = [[120.0, 30.0], [121.0, 30.0], [121.0, 31.0], [120.0, 31.0], [120.0, 30.0]]
"""Runs against the clock."""
ME = "a" * 32
HOLE = [[120.4, 30.4], [120.6, 30.4], [120.6, 30.6], [120.4, 30.6], [120.4, 30.4]]


def feature(code, rings=(SQUARE,), *, name="adcode", kind="Polygon"):
    return {"type": "Feature", "properties": {name: code}, "geometry": {"type": kind, "coordinates": list(rings)}}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def drawn(found):
    return {one["properties"]["adcode"]: one["geometry"] for one in json.loads(found.content)["features"]}


def refused(raw):
    with pytest.raises(BoundaryError) as caught:
        check(raw)
    assert str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("level", boundaries.LEVELS)
def test_the_built_in_outlines_pass(level):
    raw = (geo.FOLDER / f"{level}.geojson").read_bytes()
    found = check(raw)
    assert found.level == level
    assert found.left_out == 0
    codes = {str(one["properties"]["adcode"]) for one in json.loads(raw)["features"]}
    assert set(found.known) == (codes & set(cities().index) if level == "prefectures" else codes)
    assert len(found.content) <= len(raw)


@pytest.mark.parametrize(
    "code", [330100, "330100", "330100000000", "156330100", " 330100 ", 330100.0, "3301"], ids=repr
)
def test_codes_are_read_as_files_write_them(code):
    assert check(collection(feature(code))).known == ("330100",)


@pytest.mark.parametrize("name", ["adcode", "ADCODE", "adcode99", "Code", "GB", "区划代码"])
def test_the_property_goes_by_several_names(name):
    assert check(collection(feature("330100", name=name))).known == ("330100",)


def test_former_codes_are_those_of_today():
    found = check(collection(feature("522200"), feature("330100")))
    assert found.known == ("330100", "520600")


def test_rings_turn_as_plotly_wants_them():
    found = check(collection(feature("330100", (SQUARE, HOLE))))
    (polygon,) = drawn(found)["330100"]["coordinates"]
    outer, hole = (np.array(ring) for ring in polygon)
    assert area(outer) < 0 < area(hole)
    assert abs(area(outer)) == pytest.approx(2)
    turned = check(collection(feature("330100", (SQUARE[::-1], HOLE[::-1]))))
    assert area(np.array(drawn(turned)["330100"]["coordinates"][0][0])) < 0


def test_decimals_and_heights_are_dropped_and_rings_closed():
    open_ring = [[120.123456, 30.0, 5.0], [121.0, 30.0], [121.0, 31.0], [121.00001, 31.0], [120.0, 31.0]]
    found = check(collection(feature("330100", (open_ring,))))
    ring = drawn(found)["330100"]["coordinates"][0][0]
    assert sorted(ring[:-1]) == [[120.0, 31.0], [120.1235, 30.0], [121.0, 30.0], [121.0, 31.0]]
    assert ring[0] == ring[-1]


def test_what_is_there_and_what_is_not_is_said():
    extra = feature("100000_JD", name="adcode")
    flat = feature("330300", ([[120, 30], [121, 30], [120, 30]],))
    found = check(collection(feature("330100"), feature("330200"), extra, flat, {"type": "Feature"}))
    assert found.known == ("330100", "330200")
    assert found.unknown == ("100000_JD",)
    assert found.left_out == 1
    assert len(found.missing) == len(cities()) - 2
    assert set(drawn(found)) == {"330100", "330200", "100000_JD"}


def test_nothing_of_the_file_but_codes_and_shapes_is_kept():
    bad = feature("<img src=x onerror=alert(1)>")
    one = feature("330100")
    one["properties"]["name"] = "<script>"
    content = check(collection(one, bad)).content
    assert b"<" not in content
    assert b"name" not in content


def test_provinces_are_told_from_prefectures():
    assert check(collection(feature("330000"), feature("320000"), feature("110000"))).level == "provinces"
    assert check(collection(feature("330100"), feature("110000"))).level == "prefectures"


DEEP = 200_000


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"[" * DEEP, "not_json"),
        (b'{"a":' * DEEP, "not_json"),
        (b"9" * 6_000, "not_json"),
        (b"\xff\xfe{}", "not_json"),
        (b'{"type":"FeatureCollection","features":[NaN]}', "not_json"),
        (b"[]", "not_collection"),
        (b'{"type":"Topology","features":[]}', "not_collection"),
        (b'{"type":"FeatureCollection","features":{}}', "not_collection"),
        (collection(), "no_polygons"),
        (collection(*[{}] * 5_001), "too_many"),
        (collection(feature("330100", name="id")), "no_code"),
        (collection(feature("330102")), "nothing_known"),
        (collection(feature(None)), "nothing_known"),
        (collection(feature("330100", ([[30, 120], [31, 120], [31, 121], [30, 120]],))), "outside"),
        (collection(feature("330100", ([[1e6, 3e6], [2e6, 3e6], [2e6, 4e6], [1e6, 3e6]],))), "outside"),
        (collection(feature("330100", [120.0, 30.0], kind="Point")), "no_polygons"),
        (collection(feature("330100", ([["a", 30]] * 5,))), "no_polygons"),
        (collection(feature("330100", ([[True, 30]] * 5,))), "no_polygons"),
        (collection(feature("330100", (None,))), "no_polygons"),
        (collection(feature("330100")).replace(b"121.0", b"1e999"), "no_polygons"),
        (b" " * (boundaries.LARGEST + 1), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_drawn_is_refused_with_the_reason(raw, code):
    assert refused(raw) == code


def test_too_many_points_are_refused(monkeypatch):
    monkeypatch.setattr(boundary_file, "MOST_POINTS", 4)
    assert refused(collection(feature("330100", (SQUARE[:4],)))) == "too_many"


@pytest.fixture
def room(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path))
    return tmp_path / "boundaries"


def test_kept_outlines_are_their_owner_s(room):
    found = check(collection(feature("330100")))
    digest = boundaries.keep(found, "anna")
    assert boundaries.used("anna") == {"prefectures": digest}
    assert boundaries.used("ben") == {}
    assert boundaries.content(digest) == found.content
    assert all("anna" not in file.name for file in room.iterdir())


def test_the_last_one_who_removes_deletes(room):
    found, other = check(collection(feature("330100"))), check(collection(feature("330000"), feature("320000")))
    digest = boundaries.keep(found, "anna")
    assert boundaries.keep(found, "ben") == digest
    boundaries.keep(other, "anna")
    boundaries.remove("prefectures", "anna")
    assert boundaries.used("anna") == {"provinces": other.digest}
    assert boundaries.content(digest) is not None
    boundaries.remove("prefectures", "ben")
    assert boundaries.content(digest) is None
    assert boundaries.content(other.digest) is not None


def test_another_file_takes_the_place_of_the_first(room):
    first, second = (check(collection(feature(code))) for code in ("330100", "330200"))
    boundaries.keep(first, "anna")
    boundaries.keep(second, "anna")
    assert boundaries.used("anna") == {"prefectures": second.digest}
    assert [file.stem for file in room.glob("*.geojson")] == [second.digest]


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "0" * 32, "0" * 31 + "/", "A" * 32])
def test_no_other_file_is_reached_by_a_digest(room, digest):
    boundaries.keep(check(collection(feature("330100"))), "anna")
    assert boundaries.content(digest) is None


def test_what_cannot_be_written_is_said_and_changes_nothing(room, monkeypatch):
    first, second = (check(collection(feature(code))) for code in ("330100", "330200"))
    boundaries.keep(first, "anna")
    there = sorted(file.name for file in room.iterdir())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(boundaries.os, "replace", full)
    for change in (lambda: boundaries.keep(second, "anna"), lambda: boundaries.remove("prefectures", "anna")):
        with pytest.raises(WorkspaceError) as caught:
            change()
        assert caught.value.code == "full"
    assert boundaries.used("anna") == {"prefectures": first.digest}
    assert sorted(file.name for file in room.iterdir()) == there


def test_a_workspace_that_is_no_folder_is_said(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("POSTHOUSE_WORKSPACE", str(tmp_path / "file"))
    with pytest.raises(WorkspaceError) as caught:
        boundaries.keep(check(collection(feature("330100"))), "anna")
    assert caught.value.code == "cannot_write"


def test_two_who_write_at_once_lose_nothing(room, monkeypatch):
    """Both levels of one owner, from two tabs: the second reads the note while the first is about to write it."""
    levels = check(collection(feature("330100"))), check(collection(feature("330000"), feature("320000")))
    both, read = threading.Barrier(2), boundaries._read

    def slow(file):
        found = read(file)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return found

    monkeypatch.setattr(boundaries, "_read", slow)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda found: boundaries.keep(found, "anna"), levels))
    monkeypatch.setattr(boundaries, "_read", read)
    assert boundaries.used("anna") == {found.level: found.digest for found in levels}


def test_outlines_that_go_while_they_are_asked_for_are_the_built_in_ones(room, monkeypatch):
    digest = boundaries.keep(check(collection(feature("330100"))), ME)
    monkeypatch.setattr(boundaries, "_is_kept", lambda digest: True)
    (room / f"{digest}.geojson").unlink()
    assert get("prefectures", ME)[::2] == (200, (geo.FOLDER / "prefectures.geojson").read_bytes())


def test_one_place_of_kept_outlines(room):
    digest = boundaries.keep(check(collection(feature("330100"))), "anna")
    ring = boundaries.shape(digest, "330100")["coordinates"][0][0]
    assert sorted(ring) == sorted(SQUARE)
    assert boundaries.shape(digest, "330200") is None
    assert boundaries.shape("0" * 32, "330100") is None


def get(level, reader="", **headers):
    given = {"cookie": f"{COOKIE}={reader}", **headers}
    scope = {"type": "http", "method": "GET", "path": f"/app/static/geo/{level}.geojson", "query_string": b""}
    scope["headers"] = [(key.replace("_", "-").encode(), value.encode()) for key, value in given.items()]
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    site = Starlette(routes=outlines.routes())
    with ThreadPoolExecutor(1) as pool:  # the browser of other tests keeps a loop running in this thread
        pool.submit(lambda: asyncio.run(site(scope, receive, send))).result()
    answered = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("level", boundaries.LEVELS)
def test_every_map_fetches_the_reader_s_own(room, level):
    built_in = (geo.FOLDER / f"{level}.geojson").read_bytes()
    codes = ("330100", "330200") if level == "prefectures" else ("330000", "320000")
    found = check(collection(*map(feature, codes)))
    boundaries.keep(found, ME)
    assert get(level, ME)[2] == found.content
    for other in ("b" * 32, "", "x"):
        status, headers, body = get(level, other)
        assert (status, body) == (200, built_in)
        assert "private" in headers["cache-control"]
    tag = get(level, ME)[1]["etag"]
    assert get(level, ME, if_none_match=tag)[::2] == (304, b"")
    boundaries.remove(level, ME)
    assert get(level, ME, if_none_match=tag)[::2] == (200, built_in)


def test_a_damaged_note_means_the_built_in_outlines(room):
    boundaries.keep(check(collection(feature("330100"))), "anna")
    for file in room.glob("*.json"):
        file.write_bytes(b"{")
    assert boundaries.used("anna") == {}
