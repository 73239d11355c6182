"""Every reader of what strangers bring, with files that it takes; `tests/damage.py` damages them.

The law: a reader gives a result, or the house's own error with its words in both languages; never another exception,
and the same again for the same bytes. `tests/test_fuzz_*.py` hold it for a few hundred files, `benchmarks/fuzz.py` for
as long as it is given.
"""

import gzip
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.growth import frozen
from analysis.scenario import files
from analysis.scenario.fields import ScenarioFileError
from analysis.views import board, pinned
from analysis.views.slides.template import TemplateError, ground
from data import area, boundary_file, intake, networks
from data.extras import DEMAND, FLOWS
from data.text import LANGUAGES, say
from data.workspace import Links, WorkspaceError
from pages.ui import map_catchment_state, owner, series, state
from tests.made_uploads import ROWS, biff, compound, workbook, zip_of


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of strangers' bytes.

    Attributes
    ----------
    seeds : tuple of bytes
        What it takes.
    read : callable
        bytes -> something that can be compared with itself.
    refuses : tuple of exception types
        The house's own.
    words : str
        Beginning of the keys of its words in the catalogue, before the code.
    shape : str
        How it is damaged: "bytes", "json", "zip" or "text".
    """

    seeds: tuple[bytes, ...]
    read: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...] = ()
    words: tuple[str, ...] = ()
    shape: str = "bytes"


def outcome(reader: Reader, raw: bytes) -> str:
    """What becomes of bytes: the result as a text, or the code of the refusal whose words were found."""
    try:
        return f"read {reader.read(raw)!r}"
    except reader.refuses as error:
        code = getattr(error, "code", "")
        for start in reader.words:
            for lang in LANGUAGES:
                said = say(f"{start}{code}", lang, **{"shown": "", **getattr(error, "values", {})})
                assert said.strip(), code
        return f"refused {code}"


def _taken(raw: bytes, dataset: Any, name: str = "x", **options: Any) -> object:
    found = intake.read(raw, dataset, name=name, **options)
    return found.kept, len(found.problems), tuple(found.rows_of.column_names), found.digest


def _opened(raw: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        found = intake.open_file(raw, folder=Path(folder), name="x")
        return found.digest, tuple((one.name, one.header, one.header_row) for one in found.sheets), found.empty


def _link(raw: bytes) -> object:
    with tempfile.TemporaryDirectory() as folder:
        links = Links(Path(folder))
        made = links.make("overview", "month=2024-01", owner="a")
        text = raw.decode("utf-8", "surrogateescape")
        return links.open(text.replace("OWN", made)).query


def _address(raw: bytes) -> object:
    """What the inputs of pages make of an entry of the address."""
    text = _text(raw)
    sites = map_catchment_state.read_sites(text)
    where = series.read(text)
    return (
        state.number(-1e9, 1e9)(text),
        state.one_of(("a", "b"))(text),
        state.some_of(("a", "b~", "%"))(text),
        area.unpacked(text),
        sites and map_catchment_state.sites_text(sites),
        map_catchment_state.read_shut(text),
        where.text() and where,
        owner.named_in(text),
    )


def _network(raw: bytes) -> object:
    parts = raw.decode("utf-8", "replace").split("|")
    return networks.make(
        parts[0], en=parts[1] if len(parts) > 1 else "", aliases=parts[2:5], light=parts[5] if len(parts) > 5 else ""
    )


def _frame(rows: int = 9) -> bytes:
    out = io.BytesIO()
    table = {"月份": ["2024-01"] * rows, "城市": ["杭州"] * rows, "平台": ["菜鸟"] * rows, "件量": range(rows)}
    pd.DataFrame(table).to_parquet(out)
    return out.getvalue()


def _geojson() -> bytes:
    ring = [[120.0, 30.0], [120.5, 30.0], [120.5, 30.5], [120.0, 30.5], [120.0, 30.0]]
    features = [
        {"type": "Feature", "properties": {"adcode": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code in (330100, 330200)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _stations() -> bytes:
    point = {"type": "Point", "coordinates": [120.15, 30.27]}
    said = {"@id": "node/1", "amenity": "parcel_locker", "brand": "丰巢"}
    feature = {"type": "Feature", "id": "node/1", "properties": said, "geometry": point}
    return json.dumps({"type": "FeatureCollection", "features": [feature, feature]}).encode()


LINK = b"n.War~v.2~m.24~g.0.04~p.war~o.why-not~l.duoduo.subsidy.0.05.t3.t4.s3.r2.e9"
LINK += b"~l.jd.stations.0.1.gEast.c3301_3304-4401~r.cainiao.match.0.5.w3.b100~a.margin_cny_per_parcel.0.4"
LADE = b"order_id,delivery_time,city,courier_id,accept_time\n1,09-14 08:52:00,Hangzhou,7,09-14 06:00:00\n"
AMAP = 'id,name,location,typecode,cityname\nB1,菜鸟驿站,"120.1,30.2",070500,杭州市\n'.encode()
EVENTS = "event_time,place,network,source\n2025-03-01 10:00:00,杭州,菜鸟驿站,淘宝\n".encode()
DEMAND_ROWS = "名称,纬度,经度,人口,日件量\n文三社区,30.27,120.15,5200,2100\n".encode()
FLOW_ROWS = "起点,纬度,经度,站点编号,站点纬度,站点经度,件量\n文三,30.27,120.15,HZ1,30.26,120.13,84\n".encode()
SUBSIDIES = "platform,city,start,end,subsidy_cny_per_parcel\n多多,杭州,2024-01-01,,0.3\n".encode()
STATIONS = "station_id,platform,city,lat,lon,opened\nA1,菜鸟,杭州,30.27,120.15,2023-05-01\n".encode()


ADDRESSES = (b"1.5", b"330100~44~51-510100", b"30.27,120.15,s~30.3,120.2,l", b"market.total@Tier 3")
NETWORK = "小兔|Rabbit|兔子|xiaotu|tu|#112233".encode()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _plan() -> bytes:
    return files.to_json(files.from_link(LINK.decode())[0]).encode()


def _forecast() -> bytes:
    index = pd.period_range("2024-01", periods=3, freq="M")
    table = pd.DataFrame(dict.fromkeys(frozen.COLUMNS, 1.0), index=index + 3)
    known = index[-1]
    from data.grade import Grade

    made = frozen.Forecast(
        *("market.total", "Mine", next(iter(frozen.CURVES)), (), pd.Timestamp("2024-04-02").date(), known, "parcels"),
        Grade.ESTIMATED,
        pd.Series([1.0, 2.0, 3.0], index=index),
        table,
        1.0,
    )
    return frozen.to_json(made).encode()


def _board() -> bytes:
    one = board.Pin(
        "a", "view", "overview", "tiers", {"month": "2024-01"}, ("f",), "t", "n", {"en.light": "d"}, "en.light"
    )
    return board.to_json(board.Board((one, board.Pin("b", "words", title="x")))).encode()


def _part() -> bytes:
    from tests.made_board import seen

    return pinned.pack(seen())


def _read_part(raw: bytes) -> object:
    one = pinned.unpack(raw)
    return one.view.title, one.view.table.shape, one.kind


def _template() -> bytes:
    from pptx import Presentation

    out = io.BytesIO()
    Presentation().save(out)
    return out.getvalue()


def _ground(raw: bytes) -> object:
    found = ground(raw)
    return found.body, found.page.name


def _mapped(raw: bytes) -> object:
    found = boundary_file.check(raw)
    return found.level, found.known, found.unknown, found.digest


@cache
def readers() -> dict[str, Reader]:
    """Every reader by its name."""
    refused = (intake.IntakeError,)
    told = ("problem.", "fix.")

    def table(*seeds: bytes, dataset: Any = "volumes", shape: str = "bytes", **options: Any) -> Reader:
        return Reader(seeds, lambda raw: _taken(raw, dataset, **options), refused, told, shape)

    rows = ROWS.encode()
    book = workbook(("x", [line.split(",") for line in ROWS.splitlines()]), ("y", [["a"], ["1"]]))
    plan, link, opened = (ScenarioFileError,), ("keep.error_",), {"opened": "2024-05-01"}
    return {
        "csv": table(rows, ROWS.encode("gb18030"), ROWS.replace(",", "\t").encode("utf-16"), shape="text"),
        "subsidies": table(SUBSIDIES, dataset="subsidies", shape="text"),
        "stations": table(STATIONS, dataset="stations", shape="text"),
        "excel": table(book, shape="zip"),
        "old excel": Reader((compound("Workbook", biff([["a", "b"], ["x", 1.5]])),), _opened, refused, told),
        "parquet": table(_frame()),
        "geojson stations": table(_stations(), dataset="stations", shape="json", adapter="osm", options=opened),
        "zip": table(zip_of({"a.csv": ROWS, "b.csv": ROWS.encode("gb18030"), "c.gz": b"x"}), shape="zip"),
        "gz": table(gzip.compress(rows, mtime=0)),
        "lade": table(LADE, adapter="lade_delivery", options={"year": "2022", "platform": "菜鸟"}, shape="text"),
        "amap": table(AMAP, dataset="stations", adapter="amap", options=opened, shape="text"),
        "parcel log": table(EVENTS, adapter="events", shape="text"),
        "demand": table(DEMAND_ROWS, dataset=DEMAND, shape="text"),
        "flows": table(FLOW_ROWS, dataset=FLOWS, shape="text"),
        "scenario file": Reader((_plan(),), lambda raw: files.from_json(raw), plan, link, "json"),
        "scenario link": Reader((LINK,), lambda raw: files.from_link(_text(raw)), plan, link, "text"),
        "forecast": Reader(
            (_forecast(),),
            lambda raw: frozen.to_json(frozen.from_json(raw)),
            (frozen.ForecastFileError,),
            ("ledger.file_",),
            "json",
        ),
        "board": Reader(
            (_board(),), lambda raw: board.from_json(_text(raw)), (board.BoardError,), ("board.error_",), "json"
        ),
        "board part": Reader((_part(),), _read_part, (pinned.PinnedError,)),
        "boundaries": Reader((_geojson(),), _mapped, (boundary_file.BoundaryError,), ("nation.boundary_",), "json"),
        "short link": Reader((b"OWN", b" OWN "), _link, (WorkspaceError,), ("keep.workspace_",), "text"),
        "address": Reader(ADDRESSES, _address, shape="text"),
        "network": Reader((NETWORK,), _network, (networks.NetworkError,), ("network.",), "text"),
        "template": Reader((_template(),), _ground, (TemplateError,), ("deck.template_",), "zip"),
    }  # fmt: skip


SLOW = ("excel", "old excel", "template", "short link")
"""Each file takes a process, a file of its own, or a tenth of a second."""
