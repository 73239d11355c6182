"""The guide: rendered safely, whole in both languages, and complete in views, numbers, findings and files."""

import ast
import re
from functools import cache
from itertools import pairwise

import pytest

from analysis.views.guide import GROUPS, HOME, KEYS, chapter, page, search_page, unknown_page
from analysis.views.guide.chapters import APP_PAGES, TEXTS, WRITTEN
from analysis.views.guide.render import render, slug
from data.intake.severity import SEVERITY
from data.text import LANGUAGES, catalogue, say
from pages.ui.board_exported import FORMATS as BOARD
from pages.ui.intake_export import FORMATS as DATASET
from pages.ui.tables import TYPES
from tests.browser import ROOT

BOTH = [(key, lang) for lang in LANGUAGES for keys in WRITTEN.values() for key in keys]
NO_FIGURE = ("kpi.price_versus", "kpi.versus")
VIEWS = {
    "layout.card": 2, "layout.chart": 2, "layout.heading": 2, "layout.caption_row": 2, "layout.table_card": 9,
    "pins.offer": 2, "answers.tiles": 2, "answers.pinnable": 1, "answers.callout": 2, "pinnable": 1, "_told": 5,
}  # fmt: skip
"""What draws a view, and at which place its key is given."""
SEVERITIES = {
    "en": {"error": "error", "warning": "warning", "info": "note"},
    "zh": {"error": "错误", "warning": "警告", "info": "提示"},
}
ROW = re.compile(r"^\| `(\w+)` \|(.+)\|$", re.MULTILINE)


def rendered(markdown):
    return render(markdown, link=lambda target: target)


def test_html_does_not_pass():
    made = rendered(
        "# A\n\n<script>alert(1)</script> <b>x</b>\n\n[go](javascript:alert(1)) ![p](data:text/html,x)\n"
    ).html
    assert "<script" not in made
    assert "<b>" not in made
    assert "href=" not in made
    assert "src=" not in made


def test_formulas_become_mathml():
    made = rendered("# A\n\nwith $\\sigma_j^2$ and\n\n$$\\frac{a}{b}$$\n").html
    assert made.count("<math") == 2
    assert "<mfrac>" in made
    assert "$" not in made


def test_anchors_of_headings():
    made = rendered(
        '# Title\n\n## Who wins, where?\n\n## Named <a id="x"></a> <a id="y_2"></a>\n\n## Who wins, where?\n'
    )
    assert [one.heading.anchors for one in made.sections] == [
        ("title",),
        ("who-wins-where",),
        ("x", "y_2"),
        ("who-wins-where-1",),
    ]
    assert '<h2 id="x"><span id="y_2"></span>Named</h2>' in made.html
    assert slug("各地份额") == "各地份额"


def test_what_leads_nowhere_is_words():
    made = render("# A\n\n[there](b.md) and [here](a.md)\n", link=lambda target: "a" if target == "a.md" else "")
    assert '<p>there and <a href="a">here</a></p>' in made.html


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_chapter_is_a_page(key, lang):
    made = page(key, lang, theme="dark")
    assert made.count("<h1") == 1
    assert "<script" not in made
    assert 'data-theme="dark"' in made
    assert chapter(key, lang).body.title


@pytest.mark.parametrize(("key", "lang"), BOTH)
def test_headings_go_down_one_step_at_a_time(key, lang):
    levels = [one.heading.level for one in chapter(key, lang).body.sections]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    anchors = [anchor for one in chapter(key, lang).body.sections for anchor in one.heading.anchors]
    assert len(anchors) == len(set(anchors))


def test_no_chapter_without_its_twin():
    files = {lang: {file.stem for file in (ROOT / "docs" / "guide" / lang).glob("*.md")} for lang in LANGUAGES}
    assert files["en"] == files["zh"] == {key for keys in WRITTEN.values() for key in keys}
    assert set(TEXTS) <= set(KEYS), "every text that the guide names is written"


@pytest.mark.parametrize("key", [key for keys in WRITTEN.values() for key in keys])
def test_twins_have_the_same_anchors(key):
    english, chinese = (given(key, lang) for lang in LANGUAGES)
    assert english == chinese


def given(key, lang):
    """Anchors that were given, not made of words."""
    file = ROOT / "docs" / "guide" / lang / f"{key}.md"
    return sorted(re.findall(r'<a id="([\w-]+)">', file.read_text("utf-8")))


@pytest.mark.parametrize("key", [key for keys in WRITTEN.values() for key in keys])
def test_chinese_is_chinese(key):
    said = "".join(one.text for one in chapter(key, "zh").body.sections)
    assert len(re.findall(r"[\u4e00-\u9fff]", said)) > 0.3 * len(re.sub(r"\s|`[^`]*`|[\w.-]{9,}", "", said))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_in_the_code_has_its_place(lang):
    """Of views that no test brings onto the screen too; those on it are in `tests/test_pinnable.py`."""
    known = {anchor for key in APP_PAGES for anchor in chapter(key, lang).body.anchors}
    keys = view_keys()
    assert len(keys) > 100
    assert keys - known == set()


@cache
def view_keys():
    """Keys of views that are written out in the pages."""
    found = set()
    for file in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in VIEWS:
                at = VIEWS[ast.unparse(node.func)]
                given = [one.value for one in node.keywords if one.arg == "key"] or node.args[at : at + 1]
                found |= {one.value for one in given if isinstance(one, ast.Constant)}
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_headline_figure_is_defined(lang):
    figures = [key for key in catalogue() if re.match(r"(kpi\.|\w+\.kpi_)", key) and key not in NO_FIGURE]
    named = {one.heading.anchors: one for one in chapter("numbers", lang).body.sections}
    known = {anchor: one for anchors, one in named.items() for anchor in anchors}
    assert len(figures) > 20
    assert {key for key in figures if len(known[key.replace(".", "-")].text) < 8} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_of_file_is_described(lang):
    wanted = {f"view-{ending}" for ending in TYPES} | {f"board-{one}" for one in BOARD} | {f"data-{e}" for e in DATASET}
    assert wanted <= chapter("exports", lang).body.anchors


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_has_its_remedy(lang):
    text = (ROOT / "docs" / "guide" / lang / "findings.md").read_text("utf-8")
    written = {code: row.strip() for code, row in ROW.findall(text)}
    codes = [key.removeprefix("problem.") for key in catalogue() if key.startswith("problem.")]
    wanted = {code: finding(code, lang) for code in codes}
    missing = "\n".join(f"| `{code}` | {row} |" for code, row in wanted.items() if written.get(code) != row)
    assert missing == "", f"rows that belong into findings.md:\n{missing}"
    assert written.keys() == wanted.keys()


def finding(code, lang):
    """Finding, remedy and severity as the guide writes them."""
    said = [
        re.sub(r"\{\w+\}", "…", say(f"{part}.{code}", lang)).replace("|", "\\|").strip() for part in ("problem", "fix")
    ]
    return " | ".join([*said, SEVERITIES[lang][SEVERITY.get(code, "error")]])


@pytest.mark.parametrize("code", sorted(SEVERITY))
def test_no_severity_of_a_finding_that_is_none(code):
    assert f"problem.{code}" in catalogue()


def test_a_page_of_the_app_has_its_chapter():
    listed = next(
        node.value
        for node in ast.parse((ROOT / "app.py").read_text("utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PAGES"
    )
    assert ast.literal_eval(listed) == APP_PAGES
    for lang in LANGUAGES:
        for key in APP_PAGES:
            assert chapter(key, lang).body.pictures == (f"../pictures/{key}.{lang}.png",)


def test_search_lists_places_with_all_words():
    found = search_page("wild bootstrap", "en")
    assert 'href="share#wild"' in found
    assert "<mark>" in found
    assert 'href="share#hhi"' in search_page("赫芬达尔", "zh")
    assert say("guide.found_none", "en", words="zzzz qqqq").split("“")[0] in search_page("zzzz qqqq", "en")
    assert '<ul class="found"></ul>' in search_page("", "en")


def test_what_a_reader_typed_stays_text():
    for made in (search_page('"><img src=x>', "en"), unknown_page('<img src=x>"', "en")):
        assert "<img" not in made


def test_turns_lead_through_all_chapters():
    made = page(HOME, "en")
    assert 'class="previous"' not in made
    assert f'href="{KEYS[1]}"' in made
    assert 'class="next"' not in page(KEYS[-1], "zh")
    assert [key for keys in GROUPS.values() for key in keys] == list(KEYS)
