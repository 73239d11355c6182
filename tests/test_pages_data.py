"""The Data page: files dropped, read, mapped, mended, saved as versions of a market, and taken out again."""

import io
import re
import threading

import pytest

from data import intake
from data.intake.refusal import IntakeError
from data.intake.watch import Cancelled
from data.platforms import BUILT_IN
from data.schema import DATASETS
from data.text import LANGUAGES, say
from pages.ui import intake_contract, intake_files, jobs
from pages.ui.layout import plain
from tests.test_pages import start
from tests.uploads import drop, use

HEAD = "月份,城市,平台,业务量"
GOOD = ("2025-01,杭州,菜鸟驿站,120000", "2025-01,杭州,多多驿站,80000", "2025-02,杭州,菜鸟驿站,125000")
BAD = ("2025-13,杭州,多多驿站,7", "2025-02,杭州,多多驿站,一千", "2025-02,樟树市区,菜鸟驿站,9", "2025-02,杭州,蜂站,3000")


def volumes(*rows, encoding="gb18030", head=HEAD):
    return "\n".join((head, *rows)).encode(encoding)


def told(app):
    return [*(h.value for h in app.header), *(a.value for kind in (app.success, app.error, app.warning) for a in kind)]


def step(app, name, lang="en"):
    control = next(group for group in app.button_group if group.key and group.key.startswith("step."))
    return control.set_value(name).run()


def editor(app, name):
    """Key of a table that can be edited."""
    return next(e.key for e in app.data_editor if e.key and e.key.startswith(f"{name}."))


def captions(app):
    return [caption.value for caption in app.caption]


def mended(app, edits):
    app.session_state[editor(app, "mend")] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    return app.button(key="recheck").click().run()


def taken(kept, rows, lang="en", name=r"volumes\.csv"):
    label = f"{say('dataset.volumes', lang)} · {name}"
    return say("data.taken", lang, name=label, kept=f"{kept:,}", n=f"{rows:,}", aside=f"{rows - kept:,}")


@pytest.fixture
def dropped():
    return drop(start("data"), {"volumes.csv": volumes(*GOOD, *BAD)})


# jobs


def test_a_job_reports_and_hands_back_what_it_found():
    released = threading.Event()

    def work(watch):
        watch.report("reading", 5, 10)
        released.wait(60)
        return "found"

    job = jobs.Job("x.csv", work, print)
    job.start()
    assert not job.wait(0.01)
    while not job.watch.done:
        job.wait(0.01)
    assert job.watch.fraction == 0.5
    released.set()
    assert job.wait(60)
    assert job.outcome == "found"


def test_a_job_that_is_stopped_ends_as_cancelled():
    started = threading.Event()

    def work(watch):
        while True:
            watch.report("reading")
            started.set()

    job = jobs.Job("x.csv", work, print)
    job.start()
    assert started.wait(60)
    job.watch.stop()
    assert job.wait(60)
    assert isinstance(job.outcome, Cancelled)


def test_a_refusal_is_an_outcome():
    def work(watch):
        raise IntakeError("empty_file")

    job = jobs.Job("x.csv", work, print)
    job.start()
    assert job.wait(60)
    assert isinstance(job.outcome, IntakeError)
    assert job.outcome.code == "empty_file"


# reading


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_dropped_is_read_and_its_findings_are_shown(lang):
    app = drop(start("data", lang=lang), {"volumes.csv": volumes(*GOOD, *BAD)})
    assert not app.exception
    assert not app.error
    assert taken(3, 7, lang) in told(app)
    shown = {cell for table in app.dataframe for cell in table.value.astype(str).to_numpy().ravel()}
    assert {"2025-13", "一千", "樟树市区", "蜂站"} <= shown
    assert say("severity.error", lang) in shown


def test_the_first_rows_and_the_encoding_are_shown_before_anything_is_accepted(dropped):
    encodings = next(box for box in dropped.selectbox if box.label == say("data.as_encoding", "en"))
    assert encodings.value == "gb18030"
    first = next(t.value for t in dropped.dataframe if list(t.value.columns[:2]) == ["A", "B"])
    assert list(first.loc[1]) == HEAD.split(",")


def test_several_files_are_told_apart_by_their_headers():
    stations = "站点编号,平台,城市,纬度,经度,开业日期\nA1,菜鸟驿站,杭州,30.27,120.15,2024-05-01\n".encode()
    subsidies = "平台,城市,开始日期,补贴\n多多驿站,杭州,2025-02-01,0.08\n".encode()
    app = drop(start("data"), {"a.csv": volumes(*GOOD), "b.csv": stations, "c.csv": subsidies})
    assert not app.exception
    assert not app.error
    control = next(group for group in app.button_group if group.key and group.key.startswith("table."))
    assert [re.search(r"· (\w+) ·", option.content)[1] for option in control.proto.options] == [
        say(f"dataset.{name}", "en") for name in ("volumes", "stations", "subsidies")
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("junk", [bytes(range(256)) * 40, b"", b"%PDF-1.7\n" + b"x" * 500, b"PK\x03\x04broken"])
def test_junk_is_refused_in_a_sentence_and_can_be_removed(junk, lang):
    app = drop(start("data", lang=lang), {"junk.csv": junk})
    assert not app.exception
    assert [e.value.startswith(r"**junk\.csv** ") for e in app.error] == [True]
    next(b for b in app.button if b.key and b.key.startswith("remove_")).click().run()
    assert not app.error


def test_a_wrong_dataset_can_be_overruled(dropped):
    box = next(box for box in dropped.selectbox if box.label == say("data.as_dataset", "en"))
    box.set_value("stations").run()
    assert not dropped.exception
    missing = say("problem.missing_column", "en", column=say("field.lat", "en"))
    assert any(missing in str(t.value.to_numpy()) for t in dropped.dataframe)


# deciding


def test_rows_are_mended_in_place_and_checked_again(dropped):
    step(dropped, "mend")
    mended(dropped, {0: {"c0": "2025-03"}, 1: {"c3": "1000"}})
    assert not dropped.exception
    assert taken(5, 7) in told(dropped)
    step(dropped, "mend")
    assert not dropped.data_editor
    assert say("data.cell_edited", "en", row=6, column=plain("业务量"), value="1000") in captions(dropped)
    next(b for b in dropped.button if b.key == "back_all.data.cells_edited").click().run()
    assert not dropped.exception
    assert taken(3, 7) in told(dropped)


def test_unknown_names_are_mapped_or_set_aside(dropped):
    step(dropped, "names")
    boxes = {box.label: box for box in dropped.selectbox if box.key and box.key.startswith("name.")}
    assert len(boxes) == 2
    next(box for label, box in boxes.items() if "蜂站" in label).set_value("-")
    next(box for label, box in boxes.items() if "樟树市区" in label).set_value("360900")
    dropped.button(key="apply_names").click().run()
    assert not dropped.exception
    assert taken(4, 7) in told(dropped)


def test_a_new_network_is_added_with_its_colour_and_its_rows_are_taken(dropped):
    step(dropped, "names")
    box = next(box for box in dropped.selectbox if "蜂站" in box.label)
    box.set_value("+").run()
    light = next(c for c in dropped.color_picker if c.key.endswith(".light"))
    assert light.value not in {platform.light for platform in BUILT_IN.values()}
    dropped.button(key="apply_names").click().run()
    assert not dropped.exception
    assert taken(4, 7) in told(dropped)
    dropped.button(key="session_only").click().run()
    dropped.switch_page("pages/overview.py").run()
    assert not dropped.exception
    assert any("蜂站" in str(table.value.to_numpy()) for table in dropped.dataframe)


def test_a_name_that_is_taken_is_refused_in_a_sentence(dropped):
    step(dropped, "names")
    next(box for box in dropped.selectbox if "蜂站" in box.label).set_value("+").run()
    next(t for t in dropped.text_input if t.label == say("data.network_en", "en")).set_value("Cainiao")
    dropped.button(key="apply_names").click().run()
    assert not dropped.exception
    assert dropped.warning


def test_a_header_is_given_its_column_and_unit():
    rows = ["2025-01,杭州,菜鸟驿站,12", "2025-01,杭州,多多驿站,8"]
    app = drop(start("data"), {"volumes.csv": volumes(*rows, head="月份,城市,平台,完成情况")})
    assert any(say("field.parcels", "en") in str(table.value.to_numpy()) for table in app.dataframe)
    step(app, "columns")
    edits = {"edited_rows": {3: {"means": "parcels", "unit": "万件"}}, "added_rows": [], "deleted_rows": []}
    app.session_state[editor(app, "mapping")] = edits
    app.button(key="apply_columns").click().run()
    assert not app.exception
    app.button(key="session_only").click().run()
    assert app.session_state["intake.market"].volumes["parcels"].tolist() == [120000, 80000]


def test_two_headers_for_one_column_are_refused(dropped):
    step(dropped, "columns")
    edits = {"edited_rows": {0: {"means": "city"}}, "added_rows": [], "deleted_rows": []}
    dropped.session_state[editor(dropped, "mapping")] = edits
    dropped.button(key="apply_columns").click().run()
    assert [w.value for w in dropped.warning] == [say("data.means_twice", "en", columns="city")]


# templates


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("write", [intake_contract.as_csv, intake_contract.as_excel])
def test_templates_are_read_without_a_finding(dataset, lang, write):
    ending = ".csv" if write is intake_contract.as_csv else ".xlsx"
    found = intake.read(io.BytesIO(write(dataset, lang)), dataset, name=f"template{ending}")
    assert found.kept == found.rows == 2
    assert found.ok
    assert set(found.mapping.values()) == set(DATASETS[dataset].columns)


def test_chinese_templates_have_chinese_headers():
    for dataset in DATASETS:
        assert all(re.search("[\u4e00-\u9fff]", header) for header in intake_contract.rows(dataset, "zh")[0])


# small things


def test_sizes_are_written_short():
    assert [intake_files.size(n) for n in (512, 12_345, 480_000_000)] == ["512 B", "12.3 kB", "480.0 MB"]


def test_a_market_used_in_this_session_is_on_every_page_and_leaves_with_another_choice():
    app = use(start("data"), {"volumes": volumes(*GOOD)})
    assert any(r"volumes\.csv" in caption.value for caption in app.caption)
    app.switch_page("pages/overview.py").run()
    assert not app.exception
    assert any(r"volumes\.csv" in caption.value for caption in app.caption)
