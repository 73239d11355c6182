"""Axes of a native chart: their XML, round steps, and number formats that say what the screen says."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from xml.sax.saxutils import quoteattr

from analysis.views.slides.marks import NOTHING, Words, line
from analysis.views.slides.panels import plain
from analysis.views.slides.spec import Chart, Pen, Run, Scale

STEPS = (1, 2, 2.5, 5, 10)
UNITS = {" k": 1e3, " m": 1e6, " bn": 1e9, "万": 1e4, "亿": 1e8}
SCALED = {1e3: ("", ","), 1e6: ("", ",,"), 1e9: ("", ",,,"), 1e4: (r"\.0", ","), 1e8: (r"\.00", ",,")}
"""How a number format divides: by thousands alone; a point is written before the last digits for 万 and 亿."""
GROUPED = 10_000
"""Numbers from here on have their thousands set apart."""
LADDERS = (((1e9, " bn"), (1e6, " m"), (1e3, " k")), ((1e8, "亿"), (1e4, "万")))
"""Units of a language, the largest first."""
ROUND = {1e4: (1e6, r',,"00"'), 1e8: (1e9, r',,,"0"')}
"""Formats of round numbers of 万 and 亿: so many millions or thousand millions, with the noughts written behind."""
TINY = 1e-9
STAYS = 3
"""Digits beyond those shown to which a value counts as left alone."""
MOST = 6
"""Steps on an axis at most."""
_FIGURE = re.compile(r"(?P<before>[^\d+\-−]*)(?P<sign>[+\-−]?)(?P<after>[^\d]*)(?P<digits>[\d,]*\.?\d+)(?P<end>.*)")


def round_step(low: float, high: float, most: int = MOST) -> float:
    """A round step that gives at most so many steps."""
    span = (high - low) or 1.0
    base = 10 ** math.floor(math.log10(span / most))
    return next(base * m for m in (*STEPS, 20) if span / (base * m) <= most)


def number_format(values: Sequence[float], texts: Sequence[str], *, loose: bool = False) -> str | None:
    """Excel's format that writes these values as these texts; None where there is none.

    Parameters
    ----------
    loose : bool
        Ticks: decimals may differ, where a unit of ten thousands allows no others.
    """
    pairs = [(v, plain(t)) for v, t in zip(values, texts, strict=False) if plain(t)]
    found = [(value, _FIGURE.fullmatch(text)) for value, text in pairs]
    if not found or any(match is None for _, match in found):
        return None
    told = [(value, match) for value, match in found if match is not None]
    told = [one for one in told if one[0]] or told
    matches = [match for _, match in told]
    sizes = [_size(value, match) for value, match in told]
    before, ends = {match["before"] + match["after"] for match in matches}, {match["end"] for match in matches}
    if None in sizes or len(before) > 1 or (len(ends) > 1 and not loose):
        return None
    size, end = max((size or 1.0, match["end"]) for size, match in zip(sizes, matches, strict=True))
    places = max(len(m["digits"].partition(".")[2]) for m in matches)
    if loose:
        places = max(
            places,
            next((n for n in range(3) if all(abs(round(v / size, n) * size - v) <= 1e-6 * size for v in values)), 3),
        )
    signed = any(match["sign"] == "+" for match in matches)
    first = before.pop()
    rounder = ROUND.get(size)
    if loose and rounder and not signed and all(abs(v / rounder[0] - round(v / rounder[0])) < TINY for v in values):
        body = f'{_quoted(first)}0{rounder[1]}"{end}"'
        return f"{body};−{body};{_quoted(first)}0"
    written = _format(first, end, size, places, grouped=any("," in m["digits"] for m in matches), signed=signed)
    return written if loose or (_says(pairs, size, places) and size not in (1e4, 1e8)) else None


def value_format(value: float, text: str) -> str | None:
    """Excel's format that writes one value as it is read, and another in the unit that its own size asks for.

    Decimals of ten thousands and of hundred millions are those that a format can write: one and two. A figure that was
    rounded so that all add up is written as it is read as long as the value stays.
    """
    match = _FIGURE.fullmatch(plain(text))
    size = None if match is None else _size(value, match)
    if match is not None and size is None:
        size = _size(value, match, rough=True)
    if match is not None and size is None:
        return _settled(value, match)
    if match is None or size is None or size == 1.0 or value < 0 or match["sign"] or match["after"]:
        return number_format([value], [text])
    ladder = next(ladder for ladder in LADDERS if size in dict(ladder))
    unit = dict(ladder)[size]
    places = {size: len(match["digits"].partition(".")[2])}
    first, last = _quoted(match["before"]), match["end"].removeprefix(unit)
    rungs = [one for one in ladder if one[0] <= size * (ladder[-2][0] / ladder[-1][0])][:2]
    parts = [f"[>={one:.0f}]{first}{_scaled(one, places.get(one, 2))}{_quoted(name + last)}" for one, name in rungs]
    below = [one for one in ladder if one[0] < rungs[-1][0]][:1]
    rest = "".join(f"{_scaled(one, 0)}{_quoted(name + last)}" for one, name in below) or f"#,##0{_quoted(last)}"
    return ";".join((*parts, first + rest))


def _settled(value: float, match: "re.Match[str]") -> str | None:
    """Format of a figure up to one in its last digit off its value; None for any further."""
    places = len(match["digits"].partition(".")[2])
    shown = float(match["digits"].replace(",", ""))
    if value < 0 or match["sign"] or match["after"] or abs(value - shown) >= 10.0**-places:
        return None
    body = f"{_quoted(match['before'])}#,##0{'.' + '0' * places if places else ''}{_quoted(match['end'])}"
    near = 10.0 ** -(places + STAYS)
    ends = f"{value + near:.{places + STAYS}f}", f"{max(value - near, 0.0):.{places + STAYS}f}"
    return f"[>{ends[0]}]{body};[<{ends[1]}]{body};{_quoted(match[0])}"


def _scaled(size: float, places: int) -> str:
    """Digits of a number in a unit."""
    point, commas = SCALED[size]
    return f"0{point or ('.' + '0' * places if places else '')}{commas}"


def _size(value: float, match: "re.Match[str]", *, rough: bool = False) -> float | None:
    """What the unit in a text stands for, if the number before it is then the value; None where it never is.

    A rough number may end in noughts that stand for other digits, and has a unit.
    """
    digits = match["digits"].replace(",", "")
    near = 0.51 * 10.0 ** -len(digits.partition(".")[2])
    if rough and "." not in digits:
        near *= 10.0 ** (len(digits) - len(digits.rstrip("0")))
    sizes = [size for unit, size in UNITS.items() if match["end"].startswith(unit)]
    return next(
        (size for size in (sizes if rough else (*sizes, 1.0)) if abs(abs(value) / size - float(digits)) <= near), None
    )


def _says(pairs: Sequence[tuple[float, str]], size: float, places: int) -> bool:
    """Whether the numbers in the texts are the values, to their decimals."""
    for value, text in pairs:
        match = _FIGURE.fullmatch(text)
        assert match is not None
        digits = match["digits"]
        if len(digits.partition(".")[2]) != places or digits.replace(",", "") != f"{abs(value) / size:.{places}f}":
            return False
        if ("," in digits) != (abs(value) / size >= 1000) or (value < 0) != (
            match["sign"] in ("-", "−") and value != 0
        ):
            return False
    return True


def _quoted(words: str) -> str:
    """Words as a number format takes them."""
    return '"{}"'.format(words.replace('"', r'"\""')) if words else ""


def _format(before: str, end: str, size: float, places: int, *, grouped: bool, signed: bool) -> str:
    whole = "#,##0" if grouped or size == 1.0 else "0"
    point, commas = SCALED.get(size, ("", ""))
    decimals = point if size in (1e4, 1e8) else f".{'0' * places}" if places else ""
    first, last = _quoted(before), _quoted(end)
    body = f"{first}{whole if not point else '0'}{decimals}{commas}{last}"
    if signed:
        return f"+{body};−{body};{first}0{last}"
    return f"{body};−{body};{first}0{last if size == 1.0 else ''}"


def tick_format(step: float, *, high: float = 0.0, prefix: str = "", suffix: str = "", pattern: str = "") -> str:
    """Excel's format of ticks a step apart up to `high`, with what Plotly writes before and after them."""
    first, last = _quoted(prefix), _quoted(suffix.rstrip())
    found = re.search(r"\.(\d)", pattern)
    places = int(found[1]) if found else next((n for n in range(6) if abs(round(step, n) - step) < 1e-9 * step), 6)
    body = ("#,##0" if high >= GROUPED or "," in pattern else "0") + (f".{'0' * places}" if places else "")
    if pattern.endswith("%"):
        return f"{body}%"
    return f"{first}{body}{last};−{first}{body}{last}"


def axes(chart: Chart, words: Words, size: float, ids: Sequence[tuple[int, int]]) -> str:
    """Both axes, and the hidden ones that some series use."""
    found = _pair(chart, words, size, ids[0], hidden=False)
    if any(one.second for one in chart.series):
        found += _pair(chart, words, size, ids[1], hidden=True)
    return found


def _pair(chart: Chart, words: Words, size: float, ids: tuple[int, int], *, hidden: bool) -> str:
    first, second = ids
    along, up = ("l", "b") if chart.lying else ("b", "l")
    cross = "max" if chart.x.reverse else "autoZero"
    origin = min(max(chart.origin, chart.y.low), chart.y.high)
    lowest = f'<c:crossesAt val="{origin!r}"/>' if not chart.y.log else '<c:crosses val="min"/>'
    scattered = chart.series[0].kind == "xy"
    ruled = chart.y.zero and not hidden and not scattered and chart.y.low <= chart.origin <= chart.y.high
    one = _axis(
        replace(chart.x, zero=ruled),
        words,
        size,
        ids=(first, second),
        place=along,
        crosses=lowest,
        hidden=hidden,
        value=scattered,
    )
    crosses = f'<c:crossesAt val="{chart.x.low!r}"/>' if scattered else f'<c:crosses val="{cross}"/>'
    between = "midCat" if scattered or not chart.between else "between"
    two = _axis(
        replace(chart.y, zero=False),
        words,
        size,
        ids=(second, first),
        place=up,
        crosses=crosses,
        hidden=hidden,
        value=True,
        between=between,
    )
    return one + two


def _axis(
    scale: Scale,
    words: Words,
    size: float,
    *,
    ids: tuple[int, int],
    place: str,
    crosses: str,
    hidden: bool,
    value: bool,
    between: str = "midCat",
) -> str:
    limits = f'<c:max val="{scale.high!r}"/><c:min val="{scale.low!r}"/>' if value else ""
    log = '<c:logBase val="10"/>' if scale.log else ""
    order = f'<c:orientation val="{"maxMin" if scale.reverse else "minMax"}"/>'
    gone = hidden or scale.hidden
    grid = f"<c:majorGridlines><c:spPr>{line(Pen('#' + words.ink.grid, 0.75))}</c:spPr></c:majorGridlines>"
    deleted = f'<c:delete val="{int(gone and not scale.zero)}"/>'
    body = f'<c:axId val="{ids[0]}"/><c:scaling>{log}{order}{limits}</c:scaling>{deleted}'
    body += (
        f'<c:axPos val="{place}"/>'
        + (grid if scale.grid and not hidden else "")
        + _title(scale, words, size, gone=gone)
    )
    body += f'<c:numFmt formatCode={quoteattr(scale.format)} sourceLinked="0"/>'
    body += '<c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
    beside = "nextTo" if crosses == '<c:crosses val="max"/>' else "low"
    body += f'<c:tickLblPos val="{"none" if gone or scale.unlabelled else beside}"/>'
    edge = f"<c:spPr>{NOTHING}{line(Pen('#' + words.ink.muted, 0.75) if scale.zero else None)}</c:spPr>"
    body += edge + words.all(size, words.ink.muted if value or scale.kind == "date" else words.ink.text)
    body += f'<c:crossAx val="{ids[1]}"/>{crosses}'
    if value:
        step = f'<c:majorUnit val="{scale.step!r}"/>' if scale.step > 0 and not scale.log else ""
        return f'<c:valAx>{body}<c:crossBetween val="{between}"/>{step}</c:valAx>'
    if scale.kind == "date":
        return f"<c:dateAx>{body}{_dates(scale)}</c:dateAx>"
    names = f'<c:lblAlgn val="ctr"/><c:lblOffset val="50"/><c:tickLblSkip val="{max(round(scale.step), 1)}"/>'
    return f'<c:catAx>{body}<c:auto val="0"/>{names}<c:noMultiLvlLbl val="0"/></c:catAx>'


def _dates(scale: Scale) -> str:
    years = scale.unit == "months" and scale.step >= 12 and scale.step % 12 == 0
    step, unit = (scale.step / 12, "years") if years else (scale.step, scale.unit)
    major = f'<c:majorUnit val="{max(round(step), 1)}"/><c:majorTimeUnit val="{unit}"/>' if scale.step else ""
    return f'<c:auto val="0"/><c:lblOffset val="50"/><c:baseTimeUnit val="{scale.unit}"/>{major}'


def _title(scale: Scale, words: Words, size: float, *, gone: bool) -> str:
    if not scale.title or gone:
        return ""
    rich = words.rich((Run(scale.title),), size, words.ink.muted)
    return f'<c:title><c:tx>{rich}</c:tx><c:overlay val="0"/></c:title>'
