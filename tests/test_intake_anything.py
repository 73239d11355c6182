"""Any bytes and any damage: a file opens or is refused with its sentence; names, digests, progress."""

import gzip
import hashlib
import io
import random
import threading
import zipfile

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.intake import IntakeError, frames
from data.intake.clean import LONGEST_NAME, clean_name
from data.intake.containers import digest, open_file
from data.intake.plain import Options
from data.intake.sheet import Opened
from data.intake.watch import Cancelled, Watch
from tests.made_uploads import ROWS, biff, compound, rezipped, workbook, zip_of

BOOK = workbook(("x", [["a", "b"], ["1", "2"]]))


def _parquet():
    out = io.BytesIO()
    pd.DataFrame({"a": ["x"] * 9, "b": range(9)}).to_parquet(out)
    return out.getvalue()


def _ends(raw, folder):
    """Open it, or be refused; nothing else may happen."""
    try:
        return isinstance(open_file(raw, folder=folder), Opened)
    except IntakeError as error:
        return bool(error.code)


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.one_of(st.binary(max_size=300), st.text(max_size=80).map(lambda text: text.encode("utf-8", "ignore"))))
@example(b'"')
@example(b'"\n')
@example(b"\r")
@example(b'""""\n"')
@example(b"\xfe\xff\0")
@example(b"\xff\xfea")
@FUZZ
def test_any_bytes(tmp_path, raw):
    assert _ends(raw, tmp_path)


@given(
    st.lists(st.sampled_from(['"', ",", "\n", "\r", "a", "月", ";", "\t", " ", "1", '""', "\0", "\x1a"]), max_size=40)
)
@FUZZ
def test_any_quotes_and_line_ends(tmp_path, parts):
    assert _ends("".join(parts).encode(), tmp_path)


MADE = {
    "xlsx": BOOK,
    "xls": compound("Workbook", biff([["a", "b"], ["x", 1.5]])),
    "zip": zip_of({"a.csv": ROWS, "b.csv": ROWS.encode("gb18030")}),
    "gz": gzip.compress(ROWS.encode() * 9),
    "parquet": _parquet(),
    "json": b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":null}]}',
    "utf-16": ROWS.encode("utf-16"),
    "gb18030": ROWS.encode("gb18030"),
    "big5": "月份,城市,平臺,件量\n2024-01,廣州,菜鳥驛站,3\n".encode("big5"),
}


@pytest.mark.parametrize("kind", MADE)
def test_any_damage(tmp_path, kind):
    raw, draw = MADE[kind], random.Random(6)
    few = kind.startswith("xls")  # each takes a process
    cuts = [raw[: draw.randrange(len(raw))] for _ in range(5 if few else 20)]
    for _ in range(10 if few else 50):
        damaged = bytearray(raw)
        for _ in range(draw.randint(1, 5)):
            damaged[draw.randrange(len(raw))] = draw.randrange(256)
        cuts.append(bytes(damaged))
    assert all(_ends(cut, tmp_path) for cut in cuts)


@pytest.mark.parametrize(
    "member", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"]
)
def test_any_damage_within_a_workbook(tmp_path, member):
    with zipfile.ZipFile(io.BytesIO(BOOK)) as book:
        text = book.read(member)
    draw = random.Random(member)
    for _ in range(6):
        damaged = bytearray(text)
        at = draw.randrange(len(text))
        damaged[at : at + draw.randrange(20)] = draw.randbytes(draw.randrange(6))
        changed = {member.replace("/", "__").replace(".", "_DOT_"): bytes(damaged)}
        assert _ends(rezipped(BOOK, **changed), tmp_path)


# names, digests, progress


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\用户\\件量.csv", "件量.csv"),
        ("../../etc/passwd", "passwd"),
        ("a/b/", "b"),
        ("..", ""),
        ("a\0\n\x1b[31mb.csv", "a[31mb.csv"),
        ("x\u202efdp.csv", "xfdp.csv"),
        ("\ufeff件量\u200b.csv", "件量.csv"),
        ("=cmd|'/c calc'!A1.csv", "c calc'!A1.csv"),
        ("  件量.csv ", "件量.csv"),
    ],
)
def test_names_are_cleaned(name, shown):
    assert clean_name(name) == shown


@given(st.text(max_size=300))
def test_clean_names_are_short_and_stay_clean(name):
    shown = clean_name(name)
    assert len(shown) <= LONGEST_NAME
    assert clean_name(shown) == shown
    assert not set(shown) & set("/\\\0\n\u202e")


def test_long_name_keeps_its_ending():
    assert clean_name("件" * 300 + ".xlsx") == "件" * 115 + ".xlsx"


def test_digest_is_that_of_the_file_as_it_came(tmp_path):
    raw = gzip.compress(ROWS.encode("gb18030"))
    found = open_file(raw, folder=tmp_path, name="a/x.csv.gz")
    assert (found.name, found.size) == ("x.csv.gz", len(raw))
    assert found.digest == hashlib.sha256(raw).hexdigest()
    assert open_file(raw, folder=tmp_path, hashed=False).digest == ""


@pytest.mark.parametrize("kind", ["xlsx", "zip", "gz", "gb18030"])
def test_stopped_watch_ends_it(tmp_path, kind):
    watch = Watch()
    watch.stop()
    with pytest.raises(Cancelled):
        open_file(MADE[kind], folder=tmp_path, watch=watch)


@pytest.mark.parametrize("kind", MADE)
def test_watch_is_left_as_it_was(tmp_path, kind):
    watch = Watch()
    open_file(MADE[kind], folder=tmp_path, watch=watch)
    assert watch.on_stop == []


def test_query_that_is_stopped_ends_as_cancelled(tmp_path):
    watch = Watch()
    options = Options(tmp_path, "", None, watch)
    threading.Timer(0.5, watch.stop).start()
    with pytest.raises(Cancelled), frames.connection("broken_parquet", tmp_path, options) as con:
        con.execute("SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000) AS b")


def test_stopped_watch_ends_a_digest(tmp_path):
    watch = Watch()
    watch.stop()
    path = tmp_path / "x"
    path.write_bytes(b"x")
    with pytest.raises(Cancelled):
        digest(path, watch)
