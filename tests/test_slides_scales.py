"""Ticks and values of a native chart read as they do on the screen."""

import math

import pytest

from analysis.views.slides.scales import number_format, round_step, tick_format, value_format


@pytest.mark.parametrize(
    ("values", "texts", "form"),
    [
        ([0, 5e9, 1e10], ["0", "5 bn", "10 bn"], '0,,," bn"'),
        ([0, 5e9, 1e10], ["0", "50亿", "100亿"], '0,,,"0""亿"'),
        ([0, 2e8, 4e8], ["0", "2亿", "4亿"], '0\\.00,,"亿"'),
        ([0, 2e6, 4e6], ["0", "200万", "400万"], '0,,"00""万"'),
        ([0, 5e8, 1e9], ["0", "500 m", "1 bn"], '0.0,,," bn"'),
        ([0, 20, 40], ["0%", "20%", "40%"], '#,##0"%"'),
        ([0, 0.02, 0.04], ["¥0", "¥0.02", "¥0.04"], '"¥"#,##0.00'),
    ],
)
def test_ticks_are_counted_in_the_unit_of_the_screen(values, texts, form):
    assert number_format(values, texts, loose=True).split(";")[0] == form


def test_metres_are_not_millions():
    assert number_format([300, 1000], ["300 m", "1,000 m"], loose=True).split(";")[0] == '#,##0" m"'
    assert number_format([1, 5], ["1 km", "5 km"], loose=True).split(";")[0] == '#,##0" km"'


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([12.3, 5], ["12%", "4%"]),
        ([1, 2], ["one", "two"]),
        ([1, 2], ["1 of 3", "2 of 4"]),
        ([1.5e6, 2e5], ["1.5 m", "200 k"]),
        ([1000, 20], ["1000", "20"]),
        ([1.55e8, 2e8], ["1.6亿", "2.0亿"]),
    ],
)
def test_no_format_says_something_else_than_the_screen(values, texts):
    assert number_format(values, texts) is None


@pytest.mark.parametrize(
    ("values", "texts", "form"),
    [
        ([12.34, 5.0], ["12.3%", "5.0%"], '#,##0.0"%"'),
        ([1730.2, 5], [" 1,730", " 5"], "#,##0"),
        ([3.1, -2.04], ["+3.1", "−2.0"], "+#,##0.0"),
    ],
)
def test_values_are_written_by_one_format(values, texts, form):
    assert number_format(values, texts).split(";")[0] == form


def test_quotes_in_a_unit_do_not_end_it():
    form = number_format([1], ['1 "a"']).split(";")[0]
    assert form.replace(r"\"", "").count('"') % 2 == 0


def test_years_have_no_commas():
    assert tick_format(1, high=2026).startswith("0;")
    assert tick_format(5000, high=20_000).startswith("#,##0;")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 97), (-3, 4.5), (1e-6, 3e-6), (0, 8.2e10)])
def test_steps_are_few_and_round(low, high):
    step = round_step(low, high)
    assert (high - low) / step <= 6.000001
    leading = step / 10 ** math.floor(math.log10(step) + 1e-12)
    assert round(leading, 6) in (1, 2, 2.5, 5)


@pytest.mark.parametrize(
    ("value", "text", "form"),
    [
        (1.53e6, "¥1.53 m", '[>=1000000000]"¥"0.00,,," bn";[>=1000000]"¥"0.00,," m";"¥"0," k"'),
        (1.1707e7, "1,170万元", '[>=100000000]0\\.00,,"亿元";[>=10000]0\\.0,"万元";#,##0"元"'),
        (300, "300 m", '#,##0" m";−#,##0" m";0" m"'),
        (21.579, "21", '[>21.580]#,##0;[<21.578]#,##0;"21"'),
        (21.579, "19", None),
        (2, "new", None),
    ],
)
def test_a_value_alone_is_written_in_units_that_follow_it(value, text, form):
    """A share that was rounded so that all add up keeps its figure until it is edited."""
    assert value_format(value, text) == form
