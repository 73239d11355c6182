"""Networks: resolved from any spelling, told apart, and added by one line."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.platforms import (
    FORMATS,
    ORDER_SOURCES,
    OTHER_SOURCE,
    OUTSIDE,
    PLATFORMS,
    fold,
    names,
    resolve,
    resolve_source,
    source_names,
)

ROOT = Path(__file__).resolve().parents[1]
NEWCOMER = '    Platform("newco", "NewCo", "新驿", "NewCo", "station", "#0a7f5a", "#7fe0b8", ("新驿站",)),\n'
USE = """
import pandas as pd
from analysis import summary
from analysis.views import charts
from analysis.views.look import Look
from analysis.views.theme import Theme
from data import demo, intake
from data.grade import Grade
from data.markets import make

rows = ["month,city,platform,parcels", "2025-01,杭州,新驿站,300", "2025-01,杭州,菜鸟,700"]
read = intake.read(chr(10).join(rows).encode(), "volumes")
assert read.ok, read.problems
market = make("mine", grade=Grade.REPORTED, version="v", source="", volumes=read.table)
for lang, name in (("en", "NewCo"), ("zh", "新驿")):
    look = Look(lang, Theme("light"))
    view = charts.share_by(summary.wide(market.panel, "tier"), look, group="tier", caption="", grade=Grade.REPORTED)
    bar = next(trace for trace in view.figure.data if trace.name == name)
    assert bar.x[0] == 30.0 and bar.marker.color == "#0a7f5a"
print("added", len(demo.assumptions()) > 0)
"""


def test_a_new_network_is_one_line(tmp_path):
    """In a copy of the tree with that one line: it is read, shared out, named and coloured, in both languages."""
    for room in ("data", "analysis"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("built", "__pycache__"))
    shutil.copytree(ROOT / "static" / "geo", tmp_path / "static" / "geo")
    listed = tmp_path / "data" / "platforms.py"
    source = listed.read_text("utf-8")
    assert source.count(")\n# fmt: on") == 1
    listed.write_text(source.replace(")\n# fmt: on", NEWCOMER + ")\n# fmt: on"), "utf-8")
    done = subprocess.run([sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "added True\n", done.stderr


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("菜鸟驿站", "cainiao"),
        ("rookie", "cainiao"),
        ("Newbie Station", "cainiao"),
        ("ＪＤ．com", "jd"),
        ("丰巢", "hivebox"),
        ("Fengchao", "hivebox"),
        ("J&T", "jt"),
        ("圆通 妈妈驿站", "mama"),
        ("Pinduoduo", "duoduo"),
        ("村淘", "rural"),
    ],
)
def test_spellings_resolve(written, meant):
    assert resolve(written) == meant


def test_unknown_names_are_not_guessed():
    assert resolve("菜鸡驿站") is None
    assert resolve("") is None


def test_no_spelling_means_two_networks():
    said = [fold(n) for p in PLATFORMS.values() for n in {p.key, p.en, p.zh, *p.aliases}]
    by_network = {(fold(n), p.key) for p in PLATFORMS.values() for n in (p.key, p.en, p.zh, *p.aliases)}
    assert len(by_network) == len(names())
    assert all(said)


def test_every_network_is_whole():
    for platform in PLATFORMS.values():
        assert platform.format in (*FORMATS, "door")
        assert platform.owner
        assert platform.light != platform.dark
    assert PLATFORMS[OUTSIDE].format == "door"
    assert len({p.light for p in PLATFORMS.values()}) == len(PLATFORMS)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Alibaba", "Alibaba"),
        ("阿里巴巴", "Alibaba"),
        ("Taobao", "Alibaba"),
        ("淘宝/天猫", "Alibaba"),
        ("AliExpress", "Alibaba"),
        ("pinduoduo", "Pinduoduo"),
        ("拼多多", "Pinduoduo"),
        ("Ｔｅｍｕ", "Pinduoduo"),
        ("京东", "JD"),
        ("JD.com", "JD"),
        ("其他", "other"),
        ("TikTok Shop", "other"),
        ("唯品会", "other"),
        ("", ""),
        ("-", ""),
        ("未知", ""),
    ],
)
def test_sources_of_orders_resolve(written, meant):
    assert resolve_source(written) == meant


@pytest.mark.parametrize("written", ["ZTO", "中通", "YTO", "Outside option", "Hive Box", "moon"])
def test_carriers_and_strangers_are_no_source_of_orders(written):
    assert resolve_source(written) is None


def test_no_spelling_means_two_sources():
    written = [(fold(n), source) for source, words in ORDER_SOURCES.items() for n in (source, *words.split())]
    assert all(source_names()[name] == source for name, source in written)
    assert set(source_names().values()) == {*ORDER_SOURCES, OTHER_SOURCE, ""}


def test_every_source_but_other_owns_a_network():
    assert set(ORDER_SOURCES) <= {p.owner for p in PLATFORMS.values()}
