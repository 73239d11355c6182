"""Words and tables are as large as they can be, and no larger."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.views.slides.fits import BOLD, BROKEN, ONE_LINE, fit
from analysis.views.slides.text import POINT, clean, fitting, lines, unmarked, width

WORDS = st.text(st.sampled_from("abc mWil 0189 中文测试，"), max_size=40)
SIZES = (32, 24, 18, 12)


@st.composite
def tables(draw):
    """Header, rows and which columns hold numbers."""
    count = draw(st.integers(1, 8))
    row = st.lists(WORDS, min_size=count, max_size=count)
    numbers = st.lists(st.booleans(), min_size=count, max_size=count)
    return draw(row), draw(st.lists(row, max_size=10)), draw(numbers)


@settings(max_examples=60, deadline=None)
@given(tables(), st.floats(300, 900), st.floats(150, 500), st.booleans())
def test_columns_and_rows_fill_their_room_and_no_more(table, wide, high, even):
    found = fit(*table, (wide, high), pad=6, even=even)
    assert found.size in ONE_LINE + BROKEN
    assert sum(found.columns) <= wide * (1 + 1e-9)
    assert min(found.columns) > 0
    if found.size > BROKEN[-1]:
        assert sum(found.rows) <= high * (1 + 1e-9)


@settings(max_examples=40, deadline=None)
@given(tables(), st.floats(300, 900), st.floats(150, 500))
def test_a_larger_room_never_makes_words_smaller_on_one_line(table, wide, high):
    small, large = (fit(*table, (wide * by, high * by), pad=6, even=False).size for by in (1.0, 1.5))
    columns = zip(table[0], *table[1], strict=True)
    whole = sum(max(width(text, small) for text in column) * BOLD + 2 * 6 for column in columns) <= wide
    assert large >= small or not whole


def test_numbers_stay_whole_where_words_are_broken():
    rows = [["word " * 30, "1,234,567.89"]] * 6
    found = fit(["Text", "Number"], rows, [False, True], (320, 300), pad=6, even=False)
    assert found.columns[1] >= width("1,234,567.89", found.size) + 12


def test_even_columns_are_even():
    found = fit(["", "a", "bbbb", "c"], [["Tier", "1", "2", "3"]] * 3, [True] * 4, (400, 300), pad=3, even=True)
    assert len({round(column, 6) for column in found.columns[1:]}) == 1


@given(WORDS, st.integers(100, 900), st.integers(20, 300))
def test_what_fits_fits(text, wide, high):
    size = fitting(text, (wide * POINT, high * POINT), SIZES)
    assert size in SIZES
    if size > SIZES[-1]:
        assert lines(text, size, wide * 0.95) * size * 1.2 <= high * 1.03


@given(WORDS, st.integers(100, 900))
def test_bold_words_are_no_larger(text, wide):
    box = (wide * POINT, 60 * POINT)
    assert fitting(text, box, SIZES, bold=True) <= fitting(text, box, SIZES)


def test_chinese_is_wider_than_latin():
    assert width("中文", 10) > width("ab", 10) * 1.5


@given(st.text())
def test_cleaned_text_can_be_written(text):
    assert clean(clean(text)) == clean(text)
    clean(text).encode("utf-8")


def test_marks_of_a_page_are_taken_out():
    assert unmarked(":material/info: **a** [link](http://x) <b>b</b><br>c") == "a link b\nc"
    assert unmarked("x <y> z < 3") == "x <y> z < 3"
