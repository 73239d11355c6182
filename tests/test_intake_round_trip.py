"""A market drawn at random, written in any supported form, reads back as the same market."""

import csv
import datetime as dt
import gzip
import io
import random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data import intake
from data.cities import cities
from data.platforms import FORMATS, ORDER_SOURCES, PLATFORMS
from data.schema import DATASETS
from data.workspace import export
from data.workspace.packed import pack
from tests.made_uploads import zip_of

RUNS = 8
CITY, NETWORK = st.sampled_from(list(cities().index)), st.sampled_from(list(PLATFORMS))
MONTH = st.dates(min_value=pd.Timestamp("2019-01-01").date(), max_value=pd.Timestamp("2029-12-01").date())
LATER = st.one_of(st.none(), st.integers(0, 999).map(dt.timedelta))
CENTS = st.integers(0, 500).map(lambda cents: cents / 100)
DEGREES = {"lat": st.integers(2_000_000, 4_500_000), "lon": st.integers(9_000_000, 12_500_000)}
ROWS = {
    "volumes": st.fixed_dictionaries({
        "month": MONTH.map(lambda day: day.replace(day=1)), "city": CITY, "platform": NETWORK,
        "parcels": st.integers(0, 10**6).map(lambda n: n * 100), "origin": st.sampled_from(["", *ORDER_SOURCES]),
    }),
    "subsidies": st.fixed_dictionaries({
        "platform": NETWORK, "city": CITY, "start": MONTH, "end": LATER, "subsidy_cny_per_parcel": CENTS,
        "guarantee_cny_per_day": st.integers(0, 300), "fee_waiver_cny": st.integers(0, 10_000),
        "allocation": st.one_of(st.none(), st.integers(0, 100).map(lambda n: n / 100)),
    }),
    "stations": st.fixed_dictionaries({
        "station_id": st.text("AZ09-_ 站点,\"\n'=é", min_size=1, max_size=8).map(lambda text: f"s{text}e"),
        "platform": NETWORK, "format": st.sampled_from(list(FORMATS)), "city": CITY,
        **{name: degrees.map(lambda n: n / 1e5) for name, degrees in DEGREES.items()},
        "opened": MONTH, "closed": LATER, "cells": st.one_of(st.none(), st.integers(1, 2000)),
    }),
}  # fmt: skip
CHINESE = {
    "volumes": {"month": "月份", "city": "城市", "platform": "平台", "parcels": "业务量", "origin": "来源"},
    "subsidies": {"platform": "品牌", "city": "地市", "start": "开始日期", "end": "结束日期",
                  "subsidy_cny_per_parcel": "单票补贴(元)", "guarantee_cny_per_day": "保底(元/天)",
                  "fee_waiver_cny": "减免(元)", "allocation": "派单比例"},
    "stations": {"station_id": "站点编号", "platform": "驿站品牌", "format": "业态", "city": "所属城市", "lat": "纬度",
                 "lon": "经度", "opened": "开业日期", "closed": "关闭日期", "cells": "格口数"},
}  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be", "big5")
FORMS = ("text", "xlsx", "parquet", "zip", "gz")


def drawn(dataset, rows):
    """Frame of rows of which no two share a key; what ends does so some days after it began."""
    for row in rows:
        for first, last in (("start", "end"), ("opened", "closed")):
            if row.get(last) is not None:
                row[last] = row[first] + row[last]
    frame = pd.DataFrame(rows, columns=list(DATASETS[dataset].columns))
    return frame.drop_duplicates(list(DATASETS[dataset].key), ignore_index=True)


def texts(frame):
    """Cells as text: blank where there is nothing."""
    return [["" if pd.isna(cell) else str(cell) for cell in row] for row in frame.astype("object").to_numpy().tolist()]


def text(frame, draw, above, below):
    """A text file in a drawn encoding, delimiter and way of quoting."""
    delimiter, quoting = draw.choice(",;\t|"), draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=draw.choice(("\n", "\r\n")))
    writer.writerows([*above, list(frame), *texts(frame), *below])
    encoding = draw.choice(ENCODINGS)
    try:
        return out.getvalue().encode(encoding)
    except UnicodeEncodeError:
        return out.getvalue().encode("utf-8")


def workbook(frame, above, below):
    """A workbook with dates and numbers as such."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd", "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        cells = frame.astype("object").where(frame.notna(), None).to_numpy().tolist()
        for n, row in enumerate([*above, list(frame), *cells, *below]):
            sheet.write_row(n, 0, ["" if pd.isna(cell) else cell for cell in row])
    return out.getvalue()


def parquet(frame):
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), out)
    return out.getvalue()


def written(frame, dataset, draw):
    """The file: its columns shuffled, canonical or Chinese headers, a preamble, a row of totals, parcels in 万件."""
    frame = frame.copy()
    if dataset == "volumes" and draw.random() < 0.4:
        frame["parcels"] = frame["parcels"] / 1e4
        frame = frame.rename(columns={"parcels": "业务量(万件)"})
    if draw.random() < 0.5:
        frame = frame.rename(columns=CHINESE[dataset])
    frame = frame[draw.sample(list(frame), len(frame.columns))]
    width = len(frame.columns)
    above = draw.choice(([], [["各城市统计表", *[""] * (width - 1)], [""] * width]))
    below = draw.choice(([], [["合计", *[""] * (width - 1)]], [["制表人：张三", *[""] * (width - 1)]]))
    form = draw.choice(FORMS)
    if form == "parquet":
        return parquet(frame)
    if form == "xlsx":
        return workbook(frame, above, below)
    raw = text(frame, draw, above, below)
    if form == "text":
        return raw
    return gzip.compress(raw) if form == "gz" else zip_of({"数据.csv": raw})


@pytest.mark.parametrize("dataset", DATASETS)
@settings(max_examples=RUNS, deadline=None)
@given(st.data())
def test_a_market_reads_back_as_it_was_written(dataset, data):
    frame = drawn(dataset, data.draw(st.lists(ROWS[dataset], min_size=1, max_size=6)))
    draw = random.Random(data.draw(st.integers(0, 10**9)))
    found = intake.read(written(frame, dataset, draw), dataset)
    assert found.problems.loc[found.problems["severity"] == "error"].to_dict("records") == []
    assert (found.kept, len(found.table)) == (len(frame), len(frame))
    for name in frame:
        assert list(map(_plain, found.table[name])) == list(map(_plain, frame[name])), name


def _plain(cell):
    if pd.isna(cell):
        return None
    return str(cell)[:10] if hasattr(cell, "year") else cell


@pytest.mark.parametrize("dataset", DATASETS)
@settings(max_examples=RUNS // 2, deadline=None)
@given(st.data())
def test_a_market_that_is_exported_reads_back_to_the_same_digest(dataset, data):
    frame = drawn(dataset, data.draw(st.lists(ROWS[dataset], min_size=1, max_size=6)))
    table = intake.read(text(frame, random.Random(1), [], []), dataset).rows_of
    digest = pack(table).digest
    for write in (export.to_csv, export.to_excel, export.to_parquet):
        again = intake.read(write(table, dataset), dataset).rows_of
        assert pack(again).digest == digest, write.__name__
