"""The people of the load benchmark are to the server what a browser is: seen on a small page of its own."""

import asyncio
import math
import time
from contextlib import contextmanager
from itertools import pairwise
from random import Random

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider

from benchmarks import load, load_limits, load_lock
from benchmarks.load_cores import GROUPS, CoresError, capped
from benchmarks.load_crowd import Crowd, crowd, percentile
from benchmarks.load_person import KEPT, LoadError, Move, Person, Seen
from benchmarks.load_runs import Outcome, whole
from benchmarks.load_server import SCRIPT, Watched, spent
from tests.browser import free_port, running, wait_for

PAGE = """
import time
import streamlit as st

runs = st.session_state.setdefault("runs", [])

@st.fragment
def body():
    level = st.slider("Level", -0.15, 0.15, 0.0, 0.01, key="level")
    other = st.slider("Other", 0, 100, 0, key="other")
    runs.append(level)
    st.plotly_chart({"data": [{"type": "bar", "y": [level + other] * 2000}], "layout": {}}, key="chart")
    st.html("<b>steady</b>")
    time.sleep(0.2)
    st.caption(f"{len(runs)} runs")

body()
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("load")
    script, port = folder / "page.py", free_port()
    script.write_text(PAGE, "utf-8")
    with running("-c", SCRIPT.format(script=str(script), port=port), log=folder / "log") as process:
        wait_for(f"http://127.0.0.1:{port}")
        yield Watched(f"http://127.0.0.1:{port}", (process.pid,))


async def visit(url, moves):
    person = Person(url, "", 1)
    opened = await person.open()
    try:
        return opened, [await person.move() for _ in range(moves)], person
    finally:
        await person.close()


def test_a_move_is_timed_to_the_result_and_to_the_end(served):
    opened, moves, person = asyncio.run(visit(served.url, 3))
    assert opened.messages > 5
    assert len(person.seen.sliders) == 2
    assert all(fragment for _, fragment in person.seen.sliders.values())
    for move in moves:
        assert 0 < move.result < move.end
        assert move.messages > 3
        assert move.kilobytes > 1
    assert max(move.end - move.result for move in moves) > 0.15  # a busy machine may hear of one result late


def test_a_page_among_several_is_run_again_itself(tmp_path):
    script, port = tmp_path / "page.py", free_port()
    (tmp_path / "long.py").write_text("import streamlit as st\nfor n in range(60):\n    st.write(n)\n", "utf-8")
    (tmp_path / "short.py").write_text("import streamlit as st\nst.write(1)\n", "utf-8")
    pages = ", ".join(f"st.Page({str(tmp_path / name)!r})" for name in ("short.py", "long.py"))
    script.write_text(f"import streamlit as st\nst.navigation([{pages}]).run()\n", "utf-8")

    async def visit():
        person = Person(f"http://127.0.0.1:{port}", "long", 1)
        opened = await person.open()
        try:
            return opened, await person.again()
        finally:
            await person.close()

    with running("-c", SCRIPT.format(script=str(script), port=port), log=tmp_path / "log"):
        wait_for(f"http://127.0.0.1:{port}")
        opened, again = asyncio.run(visit())
    assert opened.messages > 60
    assert again.messages > 60


def test_a_crowd_says_what_each_saw(served):
    with served.looking():
        found = asyncio.run(crowd(served.url, "", 3, 1.2, 0.4))
    assert found.errors == []
    assert len(found.opened) == 3
    assert len(found.moves) >= 3
    assert found.ended > found.began
    assert found.cpu > 0
    times, sizes, taken, stolen, own = zip(*served.looked, strict=True)
    assert list(times) == sorted(times)
    assert min(sizes) > 20
    assert taken[-1] >= own[-1] > own[0]
    assert list(stolen) == sorted(stolen)


def test_a_server_that_is_not_there_is_an_error_of_everybody():
    found = asyncio.run(crowd(f"http://127.0.0.1:{free_port()}", "", 2, 0.1, 0.1))
    assert len(found.errors) == 2
    assert found.moves == []


def delta(kind, path=(0, 1), mark="a"):
    message = ForwardMsg(hash=mark)
    message.metadata.delta_path[:] = path
    getattr(message.delta.new_element, kind).SetInParent()
    return message


def test_only_another_chart_or_figure_is_a_result():
    seen = Seen()
    assert not seen.take(delta("plotly_chart"))
    assert not seen.take(delta("plotly_chart"))
    assert not seen.take(delta("markdown", mark="b"))
    assert seen.take(delta("plotly_chart", mark="b"))
    assert not seen.take(delta("html", path=(0, 2), mark="b"))
    assert seen.take(delta("html", path=(0, 2), mark="c"))


def test_what_the_browser_keeps_is_sent_by_its_mark():
    seen = Seen()
    for number in range(KEPT + 2):
        message = delta("plotly_chart", mark=f"m{number}")
        message.metadata.cacheable = True
        seen.take(message)
    assert seen.kept == [f"m{number}" for number in range(2, KEPT + 2)]
    known = ForwardMsg(ref_hash=seen.kept[-1])
    known.metadata.delta_path[:] = (0, 1)
    assert not seen.take(known)
    known.ref_hash = seen.kept[0]
    assert seen.take(known)


def test_an_exception_on_the_page_is_an_error():
    message = delta("exception")
    message.delta.new_element.exception.message = "it broke"
    with pytest.raises(LoadError, match="it broke"):
        Seen().take(message)


@pytest.mark.parametrize(("low", "high", "step"), [(-0.15, 0.15, 0.01), (0, 300, 10), (-2000, 0, 100)])
def test_a_slider_moves_each_time_and_stays_on_its_scale(low, high, step):
    person = Person("http://127.0.0.1", "scenario", 3)
    person.random = Random(1)
    slider, places = Slider(min=low, max=high, step=step, default=[0]), [0.0]
    for _ in range(30):
        places.append(person._next(slider))
        slider.set_value, slider.value[:] = True, [places[-1]]
    assert all(a != b and low <= b <= high for a, b in pairwise(places))


def test_percentiles():
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.5) == pytest.approx(50.5)
    assert percentile(values, 0.95) == pytest.approx(95.05)
    assert percentile([3.0], 0.95) == 3.0
    assert math.isnan(percentile([], 0.5))


def test_a_row_adds_up():
    moves = [Move(0.0, 0.1, 0.4, 30.0, 90), Move(1.0, 0.3, 0.6, 30.0, 90), Move(2.0, 0.0, 0.5, 30.0, 90)]
    seen = Crowd([1.0], moves, ["TimeoutError: "], began=0.0, ended=10.0, cpu=1.0)
    outcome = Outcome(1, seen, 3.0, [(0.0, 400.0), (5.0, 410.0)])
    row = dict(zip((*load.HEAD, *load.HEAD_SERVER), outcome.row(), strict=True))
    assert (row["moves/s"], row["p50 ms"], row["max ms"], row["errors"]) == ("0.3", "200", "300", "1")
    told = "server cores", "server ms a move", "people's cores", "MB"
    assert [row[name] for name in told] == ["0.30", "1000", "0.10", "410"]


def test_each_minute_is_beside_what_the_machine_could_give(capsys):
    moves = [Move(10.0, 0.1, 0.4, 30.0, 90), Move(70.0, 0.3, 0.6, 30.0, 90), Move(80.0, 0.0, 0.5, 30.0, 90)]
    machine = [(-5.0, 1.0, 0.0), (0.0, 2.0, 0.0), (60.0, 32.0, 0.0), (120.0, 92.0, 30.0)]
    load.by_minute(Outcome(1, Crowd([1.0], moves, began=0.0, ended=120.0), 90.0, [], machine=machine))
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if line]
    assert rows[0] == list(load.HEAD_MINUTE)
    assert rows[2:] == [
        ["0", "1", "100", "100", "100", "0.50", "0.00"],
        ["1", "1", "300", "300", "300", "1.00", "0.50"],
    ]


def test_memory_that_grows_is_said():
    still = [(float(at), 500.0) for at in range(0, 600, 60)]
    grows = [(float(at), 500.0 + at / 60) for at in range(0, 600, 60)]
    assert "second half +0.0 MB a minute" in load.grown(still).replace("-0.0", "+0.0")
    assert "second half +1.0 MB a minute" in load.grown(grows)
    assert "too short" in load.grown(still[:2])


def test_samples_are_counted():
    found = load_lock.stacks("a (pages/x.py:1);b (pages/y.py:2) 3\na (pages/x.py:1) 1\n")
    assert found == [(("a (pages/x.py:1)", "b (pages/y.py:2)"), 3), (("a (pages/x.py:1)",), 1)]
    assert load_lock.Held(found).seconds == 4 / load_lock.RATE


def test_a_crowd_that_lost_somebody_is_no_measure():
    found = asyncio.run(crowd(f"http://127.0.0.1:{free_port()}", "", 2, 0.1, 0.1))
    with pytest.raises(LoadError, match="refused"):
        whole(Outcome(2, found, 0.0, []))


def test_the_time_on_the_lock_is_of_a_saturated_server(monkeypatch, capsys):
    on_lock, seconds_on_lock = [], iter((3.0, 3.0 + 0.95 * load_limits.SAMPLED_SECONDS))
    rates = {(1, load_limits.ALONE_SECONDS): 100, (load_limits.SATURATED, load_limits.ALONE_SECONDS): 800}

    @contextmanager
    def sampled(pid):
        on_lock.append(load_lock.Held([((), round(next(seconds_on_lock) * load_lock.RATE))]))
        yield on_lock[-1]

    def loaded(watched, people, seconds, **options):
        assert len(on_lock) == {0.0: 1, load_limits.SAMPLED_SECONDS: 2}.get(seconds, 0), "moves are counted without"
        moves = [Move(0.0, 0.1, 0.0, 1.0, 1)] * rates.get((people, seconds), 1)
        return Outcome(people, Crowd([], moves, began=0.0, ended=seconds), seconds, [], own=seconds / 20)

    monkeypatch.setattr(load_limits, "sampled", sampled)
    monkeypatch.setattr(load_limits, "load", loaded)
    assert load_limits.of_lock(Watched("", (1,)), "", load_limits.MOVING) == pytest.approx((0.95, 20 * 2 / 100))
    assert "| new results | 20.0 | 20.0 | 0.05 | 1.00 | 95% | 40% |" in capsys.readouterr().out


def test_without_a_sampler_the_time_on_the_lock_is_not_known(monkeypatch):
    monkeypatch.setattr(load_lock.shutil, "which", lambda program: None)
    quiet = Outcome(1, Crowd([], []), 1.0, [])
    monkeypatch.setattr(load_limits, "load", lambda watched, people, seconds, **options: quiet)
    assert math.isnan(load_limits.of_lock(Watched("", (1,)), "", load_limits.MOVING)[0])


def test_two_replicas_are_measured_with_twice_the_people(monkeypatch):
    @contextmanager
    def several(replicas, *, cores):
        assert cores == load_limits.CAPPED
        yield replicas

    def loaded(replicas, people, seconds, **options):
        moves = [Move(0.0, 0.1, 0.0, 1.0, 1)] * (100 if people == load_limits.SATURATED else 190)
        return Outcome(people, Crowd([1.0] * people, moves, began=0.0, ended=seconds), seconds, [])

    monkeypatch.setattr(load_limits, "several", several)
    monkeypatch.setattr(load_limits, "load", loaded)
    assert load_limits.twice(10.0) == pytest.approx(1.9)


def test_cores_of_a_process_are_limited():
    spin = "import time\nend = time.time() + 8\nwhile time.time() < end: pass"
    with running("-c", spin) as process:
        try:
            with capped([process.pid], 0.2):
                before, start = spent(process.pid), time.monotonic()
                time.sleep(2)
                took = (spent(process.pid) - before) / (time.monotonic() - start)
        except CoresError as refused:
            pytest.skip(str(refused))
        assert took < 0.35
        assert not (GROUPS / "cpu" / f"posthouse-{process.pid}").exists()
