"""Files made to break a reader: bombs, climbing names, endless rows. Each is refused in words, in bounded memory."""

import csv
import io
import json
import resource
import struct
import subprocess
import sys
import unicodedata
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.views.slides.template import MOST_PARTS, TemplateError, ground
from data import boundary_file, intake
from data.intake import containers
from data.intake.archive import LARGEST_INDEX
from data.untrusted import FORMULAS
from data.workspace import export
from tests.browser import ROOT
from tests.made_uploads import ROWS, code, rezipped, workbook, zip_of
from tests.test_slides_template import altered, template

LINE = ROWS.encode()
ROOM = 900 * 2**20
"""Bytes of address space that a child may take beyond what Python and its libraries have taken by then."""
BOOK = workbook(("x", [["a", "b"], ["1", "2"]]))
CHILD = """
import resource, sys
from pathlib import Path
from data.intake import IntakeError, open_file, read
import duckdb, pandas, pyarrow
duckdb.connect().execute("SELECT 1")
here = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (here + {room}, here + {room}))
for path in sys.argv[1:]:
    try:
        print("read", read(Path(path), "volumes").kept)
    except IntakeError as error:
        print(error.code)
"""


def held(*paths):
    """What a child with little memory makes of files."""
    command = [sys.executable, "-c", CHILD.format(room=ROOM), *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-800:]
    return done.stdout.split("\n")[:-1]


def listing(members):
    """An archive that lists so many empty members and holds none: 46 bytes and a letter each."""
    entry = b"PK\x01\x02" + struct.pack("<6H3L5H2L", *(0,) * 9, 1, *(0,) * 6) + b"a"
    start = b"PK\x03\x04" + bytes(26)
    size = len(entry) * members
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, min(members, 65_535), min(members, 65_535), size, len(start), 0)
    return start + entry * members + tail


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are those of Linux")
def test_endless_lines_rows_and_lists_in_little_memory(tmp_path):
    long, wide, many = (tmp_path / name for name in ("long.csv", "wide.csv", "many.zip"))
    with long.open("wb") as file:
        file.write(LINE)
        for _ in range(500):
            file.write(b"x" * 2**20)
    wide.write_bytes((b"a," * 999_000 + b"\n") * 60)
    many.write_bytes(listing(2_000_000))
    found = held(long, wide, many)
    assert found[::2] == ["long_line", "too_many_tables"]
    assert found[1] in ("too_many_columns", "long_cell")


def test_the_limit_of_members_is_that_of_their_list(tmp_path):
    fits = LARGEST_INDEX // 47 - 1
    assert code(listing(fits), tmp_path) in ("too_many_tables", "broken_archive")
    assert code(zip_of({f"{n}.csv": LINE for n in range(60)}), tmp_path) == "opened"


CLIMBING = (
    "../../../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "..\\..\\x.csv",
    "CON",
    "NUL.csv",
    "a/../../b.csv",
    "\x00.csv",
    "x" * 3_000,
)


@pytest.mark.parametrize("name", CLIMBING)
def test_names_of_members_stay_names(tmp_path, name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name or "x"), LINE)
        archive.writestr("b.csv", LINE)
    inside = tmp_path / "inside"
    inside.mkdir()
    found = containers.open_file(out.getvalue(), folder=inside)
    assert len(found.sheets) == 2
    assert all(inside in sheet.path.parents for sheet in found.sheets)
    assert [path.name for path in tmp_path.iterdir()] == ["inside"]
    assert not any(set(sheet.name) & set("/\\\0") or sheet.name.startswith("..") for sheet in found.sheets)


def test_a_link_in_an_archive_is_its_text(tmp_path):
    link = zipfile.ZipInfo("passwd.csv")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("b.csv", LINE)
    found = containers.open_file(out.getvalue(), folder=tmp_path)
    assert [sheet.name for sheet in found.sheets] == ["b.csv"]
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def test_members_on_top_of_each_other_are_refused(tmp_path):
    """One compressed body under many names, as in archives that unpack to petabytes."""
    raw = bytearray(zip_of({"a.csv": LINE * 9, "b.csv": LINE * 9}))
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 1)
    raw[second + 42 : second + 46] = struct.pack("<L", 0)
    assert code(bytes(raw), tmp_path) == "broken_archive"


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "%s"><!ENTITY b "%s"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


@pytest.mark.parametrize(
    "member", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
def test_entities_of_a_workbook_are_not_opened(tmp_path, member):
    with zipfile.ZipFile(io.BytesIO(BOOK)) as book:
        text = book.read(member)
    bomb = ENTITIES % (b"ha" * 5_000, b"&a;" * 5_000) + text.partition(b"?>")[2].replace(b"<t>a</t>", b"<t>&b;&f;</t>")
    changed = {member.replace("/", "__").replace(".", "_DOT_"): bomb}
    raw = rezipped(BOOK, **changed)
    found = code(raw, tmp_path)
    assert found in ("opened", "broken_workbook", "no_table")
    assert not any(b"root:" in path.read_bytes() for path in tmp_path.rglob("*.csv"))
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.csv")) < 100_000


def test_parquet_of_one_text_a_million_times(tmp_path, monkeypatch):
    out = io.BytesIO()
    text = pa.array(["x" * 20_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), text)
    pq.write_table(pa.table({"a": column}), out, compression="zstd")
    assert len(out.getvalue()) < 100_000
    assert code(out.getvalue(), tmp_path) == "bomb"


def test_parquet_that_says_it_has_more_rows(tmp_path):
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}), out)
    raw = out.getvalue()
    for old, new in ((b"\x16\x06", b"\x16\xfe"), (b"\x15\x06", b"\x15\xfe"), (b"PAR1", b"PAR2")):
        assert code(raw.replace(old, new), tmp_path) in (
            "broken_parquet",
            "opened",
            "not_csv",
            "binary",
            "no_encoding",
            "too_many_rows",
        )


@pytest.mark.parametrize(
    "raw",
    [
        b'{"type": "FeatureCollection", "features": ' + b"[" * 100_000,
        b'{"features": [' + b'{"properties": ' * 50_000,
        json.dumps(
            {"type": "FeatureCollection", "features": [{"properties": {str(n): n for n in range(5_000)}}]}
        ).encode(),
        b'[{"a": ' + b"9" * 100_000 + b"}]",
    ],
    ids=["lists", "objects", "keys", "digits"],
)
def test_maps_that_are_too_deep_or_too_wide(tmp_path, raw):
    assert code(raw, tmp_path) in ("broken_json", "too_many_columns", "header_only", "long_cell", "opened")
    with pytest.raises(boundary_file.BoundaryError):
        boundary_file.check(raw)


CELLS = ('=HYPERLINK("http://x")', "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "'=1", "＝1+1")


@pytest.mark.parametrize("write", [export.to_csv, export.to_excel, export.to_parquet])
def test_formulas_of_a_file_are_no_formulas_in_ours_and_read_in_as_they_were(write):
    """The product's own tables, read in again: the same ids, the same digest of what is written from them."""
    head = "station_id,platform,city,lat,lon,opened"
    quoted = [cell.replace('"', '""') for cell in CELLS]
    rows = [f'"{cell}",cainiao,330100,30.27,120.15{n},2024-05-01' for n, cell in enumerate(quoted)]
    first = intake.read("\n".join((head, *rows)).encode(), "stations")
    assert first.table["station_id"].astype(str).to_list() == [cell.removeprefix("'") for cell in CELLS]
    raw = write(first.rows_of, "stations")
    again = intake.read(raw, "stations")
    assert again.table["station_id"].astype(str).to_list() == first.table["station_id"].astype(str).to_list()
    assert export.to_csv(again.rows_of, "stations") == export.to_csv(first.rows_of, "stations")
    if write is export.to_csv:
        cells = [row[0] for row in csv.reader(io.StringIO(raw.decode("utf-8-sig")))][1:]
        assert not any(unicodedata.normalize("NFKC", cell).startswith(FORMULAS) for cell in cells)
    elif write is export.to_excel:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_a_template_of_many_parts_or_much_xml_is_refused():
    for raw in (listing(10 * MOST_PARTS + 1), altered(template(), add={"ppt/slideLayouts/x.xml": b" " * 61_000_000})):
        with pytest.raises(TemplateError) as error:
            ground(raw)
        assert error.value.code in ("bomb", "no_presentation")


@pytest.mark.parametrize(
    ("kind", "target", "refused"),
    [
        (b"oleObject", b'Target="../embeddings/oleObject1.bin"', "objects"),
        (b"package", b'Target="../embeddings/book.xlsx"', "objects"),
        (b"hyperlink", b'Target="file:///C:/x.exe" TargetMode="External"', "reaches_out"),
        (b"hyperlink", b'Target="javascript:alert(1)" TargetMode="External"', "reaches_out"),
        (b"oleObject", b'Target="http://example.invalid/x" TargetMode="External"', "reaches_out"),
        (b"video", b'Target="\\\\server\\x.mp4" TargetMode="External"', "reaches_out"),
    ],
)
def test_a_template_holds_nothing_of_other_programs(kind, target, refused):
    where = "ppt/slideMasters/_rels/slideMaster1.xml.rels"
    link = b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    link += kind + b'" ' + target + b"/></Relationships>"

    def change(name, part):
        part = part.replace(b"</Relationships>", link) if name == where else part
        kinds = (b"bin", b"xlsx")
        extra = b"".join(b'<Default Extension="%s" ContentType="application/octet-stream"/>' % kind for kind in kinds)
        extra += b"</Types>"
        return part.replace(b"</Types>", extra) if name == "[Content_Types].xml" else part

    embedded = {"ppt/embeddings/oleObject1.bin": b"x", "ppt/embeddings/book.xlsx": b"x"}
    with pytest.raises(TemplateError) as error:
        ground(altered(template(), add=embedded, change=change))
    assert error.value.code == refused


def test_the_test_process_is_not_limited():
    assert resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY
