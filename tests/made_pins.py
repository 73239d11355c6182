"""Pinned views of each kind, made by hand, for what exports do with them."""

import pandas as pd

from analysis.views import plain
from analysis.views.look import Look, View
from analysis.views.pinned import Pinned, Whence, pinned, words_view
from analysis.views.slide import Slide, slide_of
from analysis.views.theme import Theme
from data.geo import PREFECTURES_URL
from data.grade import Grade

LOOKS = {lang: Look(lang, Theme("light")) for lang in ("en", "zh")}
SOURCE = {"en": "Illustrative market", "zh": "示例市场"}
FILTERS = {"en": ("Month: Aug 2026", "City tier: Tier 1"), "zh": ("月份：2026年8月", "城市层级：一线")}
TITLE = {"en": "Cainiao leads in Tier 1 & Tier 2 <3", "zh": "菜鸟驿站在一线、二线领先，长门马车风见见"}


def whence(lang: str = "en") -> Whence:
    return Whence(
        "overview",
        SOURCE[lang],
        "0123456789abcdef",
        filters=FILTERS[lang],
        scenario="Plan A, version 2, ~abc",
        model="Nested logit",
        assumptions=("Response 0.4 (assumed)",),
        interval="95 % of 1,000 draws",
        address=f"/share?lang={lang}",
        made="2026-11-21 20:00",
    )


def chart(lang: str = "en", **layout: object) -> Pinned:
    names = {"en": ("Cainiao", "Duoduo"), "zh": ("菜鸟驿站", "多多驿站")}[lang]
    tiers = {"en": ["Tier 1", "Tier 2"], "zh": ["一线", "二线"]}[lang]
    shares, colours = ([21.5, 18.0], [7.25, 32.0]), ("#1848d1", "#c3410f")
    bars = [
        {"type": "bar", "name": name, "x": tiers, "y": share, "marker": {"color": colour}}
        for name, share, colour in zip(names, shares, colours, strict=True)
    ]
    table = pd.DataFrame({"Tier" if lang == "en" else "层级": tiers, names[0]: shares[0], names[1]: shares[1]})
    caption = {"en": "Share of parcels, %", "zh": "包裹份额（%）"}[lang]
    view = View(plain.figure(bars, LOOKS[lang], **layout), table, TITLE[lang], caption, "Bars", Grade.MODELLED)
    return pinned(view, whence(lang), lang=lang, theme="light")


def leaders() -> Pinned:
    """A map as the app draws it: each region its own step of the scale, so that shades are of its leader's colour."""
    codes = [f"{number}0000" for number in (11, 12, 31, 50)]
    more = ["130100", "130200", "130300", "130400", "130500", "130600", "130700", "130800", "130900", "131000"]
    codes += [*more, "131100", "140100", "140200", "140300"]
    who = ["Cainiao" if n % 2 else "Duoduo" for n in range(len(codes))]
    colours = [
        "#849de6" if one == "Cainiao" and n > 1 else {"Cainiao": "#1848d1", "Duoduo": "#c3410f"}[one]
        for n, one in enumerate(who)
    ]
    steps = [[n / (len(codes) - 1), colour] for n, colour in enumerate(colours)]
    trace = {
        "type": "choropleth",
        "geojson": PREFECTURES_URL,
        "featureidkey": "properties.adcode",
        "locations": codes,
        "z": list(range(len(codes))),
        "zmin": 0,
        "zmax": len(codes) - 1,
        "colorscale": steps,
        "showscale": False,
    }
    table = pd.DataFrame({"Code": codes, "City": [f"City {n}" for n in range(len(codes))], "Leader": who})
    view = View(
        {"data": [trace], "layout": {"geo": plain.GEO, "height": 400}}, table, "Map", "Leader", "Map", Grade.ASSUMED
    )
    return pinned(view, whence(), lang="en", theme="light")


def rows(count: int = 40, lang: str = "en") -> Pinned:
    table = pd.DataFrame(
        {
            "City": ["=HYPERLINK(1)", "@x", "+cmd|calc", "-1.5", *[f"City {n}" for n in range(4, count)]],
            "Parcels": [1_234_567 * (n + 1) for n in range(count)],
            "Share, %": [n / 8 for n in range(count)],
            "Year": [2026] * count,
            "Month": pd.to_datetime(["2026-08-01"] * count),
            "Gap": [None, *[0.25] * (count - 1)],
        }
    )
    view = View({}, table, "Cities by parcels", "Parcels a month", "Table", Grade.REPORTED)
    return pinned(view, whence(lang), lang=lang, theme="light")


def words(lang: str = "en") -> Pinned:
    said = {"en": "The ceiling is not identified.\nSecond line.", "zh": "饱和点无法识别。\n第二行。"}[lang]
    return pinned(words_view("Ceiling", said, Grade.ESTIMATED), whence(lang), lang=lang, theme="light")


def board(lang: str = "en") -> list[Slide]:
    """One slide of each kind, with a note and an answer."""
    views = [chart(lang), leaders(), rows(lang=lang)]
    slides = [slide_of(one, note="A note </script><b>" if n == 0 else "") for n, one in enumerate(views)]
    return [*slides, slide_of(words(lang), what="answer", made="2026-11-21 21:00")]
