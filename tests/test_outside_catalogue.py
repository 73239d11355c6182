"""No text that a reader sees is written in the code: all of it comes from the catalogue, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py")]
SERVER = ("setup.py", "server.py", "health.py", "metrics.py", "logs.py", "caching.py")
TERMINAL = {ROOT / "pages" / "ui" / name for name in SERVER}
"""They speak in a terminal before, or beside, any page: one language, as programs of a terminal do."""
VOCABULARY = {
    ROOT / "analysis" / "views" / name for name in ("masked_names.py", "report/letters.py", "report/browser.py")
}
"""What is looked for in texts, folders and files, and never shown."""
SOURCES = sorted({*PAGES, *(ROOT / "analysis" / "views").rglob("*.py")} - TERMINAL - VOCABULARY)
SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PROSE = re.compile(r"[A-Za-z]{2,},? (?:[a-z] )?[A-Za-z]{2,}")
CODED = re.compile(r"[{}();=\[\]]|--|</|/>|\w\.\w+\(|[a-z]-[a-z]|^[a-z ]+$|sans-serif|Microsoft YaHei")
"""Marks of code, of CSS and of settings, which read as words too."""
MEANT = {
    "Posthouse",
    "Posthouse · ",
    "English",
    "中文",
    *"年月亿万",
    "年月",
    "100 million parcels",
    "100 million CNY",
    "Hive Box",
    "Smart lockers",
    "Accept-Encoding, Cookie",
}
"""Names of the product and of the languages; letters of dates and numbers; values of the record; an HTTP header."""
ELEMENTS = {
    "alert", "badge", "button", "caption", "checkbox", "code", "color_picker", "dataframe", "data_editor", "date_input",
    "dialog", "download_button", "error", "expander", "file_uploader", "form_submit_button", "header", "info",
    "link_button", "markdown", "metric", "multiselect", "number_input", "pills", "popover", "progress",
    "radio", "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status", "subheader", "success",
    "tabs", "text", "text_area", "text_input", "title", "toast", "toggle", "warning", "write",
}  # fmt: skip
SHOWN = {"label", "help", "placeholder", "body", "alt", "title", "caption", "delta_description", "text"}
"""Options of an element that a reader sees; names of files stay in the letters that every mail and archive keeps."""
VIEWS = {"View", "Kpi", "words_view"}
DRAWN = {"text", "hovertemplate", "ticktext", "texttemplate"}
"""Entries of a figure that hold nothing but what is drawn."""


def docstrings(tree: ast.AST) -> set[ast.AST]:
    """Strings that stand as statements: they document."""
    return {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def told_elsewhere(node: ast.AST) -> bool:
    """Whether what is in a node is for a developer, a machine or a type checker."""
    if isinstance(node, ast.Raise | ast.Assert | ast.JoinedStr):
        return isinstance(node, ast.Raise | ast.Assert)
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called.startswith(("re.", "cast", "warnings.")) or called.endswith((".debug", ".warning", ".exception"))
    return False


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Strings of the code with their lines, markup and what is filled in taken out."""
    skipped = docstrings(tree)

    def walk(node: ast.AST) -> Iterator[tuple[int, str]]:
        if node in skipped or told_elsewhere(node):
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, bare(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield node.lineno, bare(joined(node))
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from walk(part.value)
        else:
            for field, value in ast.iter_fields(node):
                if field not in ("annotation", "returns", "bases"):
                    for child in value if isinstance(value, list) else [value]:
                        if isinstance(child, ast.AST):
                            yield from walk(child)

    return walk(tree)


def joined(node: ast.JoinedStr) -> str:
    return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


def bare(text: str) -> str:
    """A text without tags, what is filled in, and the names of icons."""
    return re.sub(r"<[^<>]*>|%?\{[^{}]*\}|:material/\w+:", "", text)


def prose(text: str) -> bool:
    """Whether a text reads as words for people."""
    if text in MEANT or "(?" in text or re.search(r"\[.*-.*\]", text):
        return False
    return bool(CHINESE.search(text) or (PROSE.search(text) and not CODED.search(text)))


def literals(node: ast.AST) -> Iterator[str]:
    """What is written at a place and not computed, in a list too."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield bare(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield bare(joined(node))
    elif isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            yield from literals(item)
    elif isinstance(node, ast.IfExp | ast.BoolOp):
        for child in [node.body, node.orelse] if isinstance(node, ast.IfExp) else node.values:
            yield from literals(child)


def sinks(tree: ast.AST) -> Iterator[ast.expr]:
    """What is given to whatever draws: arguments of Streamlit's elements and of views, entries of figures."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in VIEWS or (name in ELEMENTS and isinstance(node.func, ast.Attribute) and owner(node) != "look"):
                yield from node.args[: None if name in VIEWS else 1]
                yield from (k.value for k in node.keywords if k.arg in SHOWN)
            yield from (k.value for k in node.keywords if k.arg in DRAWN)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in DRAWN:
                    yield value


def owner(call: ast.Call) -> str:
    return ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def words(text: str) -> bool:
    """Whether a text at a place that is drawn holds more than marks, numbers and d3's formats."""
    return text.strip() not in MEANT and bool(re.search(r"[^\W\d_]{2,}", text))


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_sentence_is_written_in_the_code(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert [(line, text) for line, text in texts(tree) if prose(text)] == []


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_no_word_is_given_to_what_draws(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert [text for sink in sinks(tree) for text in literals(sink) if words(text)] == []


@pytest.mark.parametrize("path", PAGES, ids=label)
def test_an_error_is_said_by_its_code(path):
    """What an exception says is English and for developers; a page looks its code up."""
    shown = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and path not in TERMINAL
        and owner(node) == "st"
        and any(re.search(r"\bstr\((\w*error|\w*problem)\)|\{(error|problem)\}", ast.unparse(a)) for a in node.args)
    ]
    assert shown == []


@pytest.mark.parametrize("path", SCRIPTS, ids=label)
def test_no_word_is_written_in_a_script(path):
    """Texts of the browser's scripts come with their data; what is in quotes is a name, a style or an address."""
    code = re.sub(r"(?<!:)//[^\n]*|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.S)
    quoted = [match[2] for match in re.finditer(r"""(["'`])((?:(?!\1)[^\\\n]|\\.)*)\1""", code)]
    assert [text for text in map(bare, quoted) if prose(text) or re.search(r">\s*[A-Za-z]{2,}[^<]*<", text)] == []


@pytest.mark.parametrize(
    "code",
    [
        'st.caption("Share of parcels")',
        'st.button(f"Save {name}")',
        'st.info("份额")',
        'figure["layout"] = {"annotations": [{"text": "Total"}]}',
        'View(figure, table, "Shares", caption, alt, grade)',
        'column.metric(label, value, help="What counts")',
    ],
)
def test_a_text_in_the_code_would_be_found(code):
    tree = ast.parse(code)
    found = [text for _, text in texts(tree) if prose(text)]
    assert found or [text for sink in sinks(tree) for text in literals(sink) if words(text)]


@pytest.mark.parametrize(
    "code",
    [
        'st.button(look.say("pin.pin"), key="pin", type="tertiary")',
        '"""Share of parcels."""',
        'trace["mode"] = "lines+text"',
    ],
)
def test_what_no_reader_sees_is_left_alone(code):
    tree = ast.parse(code)
    assert not [text for _, text in texts(tree) if prose(text)]
    assert not [text for sink in sinks(tree) for text in literals(sink) if words(text)]
