"""The one set of queries on parcel events, in Ibis: compiled to each engine's SQL, with equal answers cell by cell.

Answers are the same because nothing in them depends on an engine: sums are of whole numbers, shares are one division,
places are found by products and sums in a stated order, names are compared byte by byte.
"""

import ibis
from ibis import Table, Value, _

from data.engine import schema
from data.engine.base import INSTANT, KNOWN, NUMBER, RAW, TEXT, TIME, WHOLE
from data.engine.refusal import EngineError
from data.engine.schema import ARRIVED, BOX, COLLECTED, RETURNED, YEARS

CITIES, NETWORKS = "known_cities", "known_networks"
"""Small tables: how names are written, and what each means."""
CITY, NETWORK = "city", "network"
BY = (CITY, NETWORK, "origin", "month")
MINUTE = 60
YEAR = 12
EXACT = 2**53
ZONE = 8 * 3600
"""Seconds by which clocks in China are ahead of UTC."""
_STAMP = (
    "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?$"
)
_NUMBER = "^-?[0-9]{1,3}([.][0-9]{1,12})?$"


def raw(types: dict[str, str]) -> Table:
    """The log as it lies there; `types` as `Engine.scan` found them.

    Raises
    ------
    EngineError
        "no_columns" when it lacks a required one, "odd_column" when one that is read is of a type that is not.
    """
    for field, header in schema.matched(types).items():
        if types[header] not in KNOWN and field not in schema.UNREAD:
            raise EngineError("odd_column", name=header, kind=types[header])
    return ibis.table({name: kind for name, kind in types.items() if kind in KNOWN}, name=RAW)


def events(log: Table) -> Table:
    """Every event, parsed: time, city, network, origin, kind, parcel, lon, lat; what cannot be read is null or "".

    `written` is the time as it lies there, of moments with a zone the clock time. Without a column of kinds every event
    is a parcel collected.
    """
    at = schema.matched(log.columns)

    def cell(name: str) -> Value | None:
        return log[at[name]] if name in at else None

    return log.select(
        time=_time(log[at["time"]]),
        written=_written(log[at["time"]]),
        city=_text(cell("city")),
        network=_text(cell("network")),
        origin=_text(cell("origin")),
        kind=_kind(cell("kind")),
        parcel=_parcel(cell("parcel")),
        lon=_number(cell("lon")),
        lat=_number(cell("lat")),
    )


def _text(cell: Value | None) -> Value:
    return ibis.literal("") if cell is None else ibis.coalesce(cell.cast(TEXT), "")


def _time(cell: Value) -> Value:
    """Clock time in China."""
    if str(cell.type()) == TEXT:
        stamp = cell.replace("/", "-")
        return ibis.ifelse(stamp.re_search(_STAMP), stamp, ibis.null(TEXT)).try_cast(TIME)
    if str(cell.type()) == INSTANT:
        return cell.cast(TIME) + ibis.interval(seconds=ZONE)
    return cell.cast(TIME)


def _written(cell: Value) -> Value:
    """An empty text is null on one engine and empty on the other."""
    kind = str(cell.type())
    return cell.nullif("") if kind == TEXT else _time(cell) if kind == INSTANT else cell


def _kind(cell: Value | None) -> Value:
    """Place of the kind: 0 for one that is not known.

    A list of spellings for each kind: of a case for each spelling, Spark writes every one in small letters anew.
    """
    if cell is None:
        return ibis.literal(COLLECTED, "int8")
    spelt = cell.cast(TEXT).lower()
    places = [(spelt.isin(names), ibis.literal(place, "int8")) for place, names in schema.spellings().items()]
    return ibis.cases(*places, else_=ibis.literal(0, "int8"))


def _parcel(cell: Value | None) -> Value:
    """A column of whole numbers in which some are missing often comes as numbers with a fraction."""
    if cell is None:
        return ibis.null(TEXT)
    kind = str(cell.type())
    if kind == NUMBER:
        return ibis.ifelse(cell.abs() < EXACT, cell, ibis.null(NUMBER)).cast(WHOLE)  # which NaN is not either
    return cell.nullif("") if kind == TEXT else cell


def _number(cell: Value | None) -> Value:
    if cell is None:
        return ibis.null("float64")
    if str(cell.type()) != TEXT:
        return cell.cast("float64")
    return ibis.ifelse(cell.re_search(_NUMBER), cell, ibis.null(TEXT)).try_cast("float64")


def _true(condition: Value) -> Value:
    return ibis.coalesce(condition, False)


def _in_years(time: Value) -> Value:
    return _true(time.year().between(*YEARS))


def _in_china(log: Table) -> Value:
    west, east, south, north = BOX
    return _true(log.lon.between(west, east) & log.lat.between(south, north))


def good(log: Table) -> Table:
    """Events that count: a time, a city, a network and a known kind."""
    return log.filter(*_counts(log))


def _counts(log: Table) -> tuple[Value, ...]:
    return log.time.year().between(*YEARS), log.city != "", log.network != "", log.kind > 0


def _day(time: Value) -> Value:
    """20260831 for 31 August 2026."""
    return (_month(time) * 100 + time.day()).cast("int32")


def _month(time: Value) -> Value:
    """202608 for August 2026."""
    return (time.year() * 100 + time.month()).cast("int32")


def checks(log: Table) -> Table:
    """One row: `rows`, and for each fault `n_<fault>`, how many events have it, and `like_<fault>`, one of them.

    That one is the least number of a parcel, or the least time. Faults: time, city, network, kind (no event that
    counts), parcel, place (an event that counts, but not everywhere). `first` and `last` are the days between which the
    events that count lie, 20260831 for 31 August 2026; null for none.
    """
    parcel = log.parcel
    faults = {
        "time": (~_in_years(log.time), log.written),
        "city": (log.city == "", parcel),
        "network": (log.network == "", parcel),
        "kind": (log.kind == 0, parcel),
        "parcel": (log.parcel.isnull(), log.written),
        "place": (~_in_china(log), parcel),
    }
    counts = _true(ibis.and_(*_counts(log)))
    first, last = (_day(end) for end in (log.time.min(where=counts), log.time.max(where=counts)))
    found: dict[str, Value] = {"rows": log.count(), "first": first, "last": last}
    for name, (fault, like) in faults.items():
        found[f"n_{name}"] = fault.ifelse(1, 0).sum()
        found[f"like_{name}"] = _least(like, fault)
    return log.aggregate(**found)


def _least(cells: Value, where: Value) -> Value:
    """The least cell as text, "" for none; found before it is a text, which Spark would do for every row."""
    return ibis.coalesce(cells.min(where=where).cast(TEXT), "")


def written(log: Table) -> Table:
    """Events by kind, for every city, network and origin as written, and month: what everything else is added up of."""
    return _written_counts(log).order_by(list(BY))


def _written_counts(log: Table) -> Table:
    kinds = {"arrived": ARRIVED, "collected": COLLECTED, "returned": RETURNED}
    counts = {name: _.count(where=_.kind == place) for name, place in kinds.items()}
    return good(log).mutate(month=_month(_.time)).group_by(list(BY)).aggregate(**counts)


def named(counts: Table) -> Table:
    """City and network by what their spellings mean, where that is known; else as written."""
    for name in (CITY, NETWORK):
        names = _names(name).drop("place")
        joined = counts.left_join(names, counts[name] == names.spelt)
        counts = joined.mutate(**{name: ibis.coalesce(joined.meant, joined[name])}).drop("spelt", "meant")
    return counts


def _names(name: str) -> Table:
    """How names are spelt, what each means, and its place among all of them, byte by byte."""
    known = CITIES if name == CITY else NETWORKS
    return ibis.table({"spelt": TEXT, "meant": TEXT, "place": "int32"}, name=known)


def panel(log: Table) -> Table:
    """Events by kind, city, network, origin and month, names resolved."""
    return (
        named(_written_counts(log))
        .group_by(list(BY))
        .aggregate(arrived=_.arrived.sum(), collected=_.collected.sum(), returned=_.returned.sum())
        .order_by(list(BY))
    )


def hours(log: Table) -> Table:
    """Parcels collected by network, day of the week (0 Monday) and hour."""
    rows = good(log).filter(_.kind == COLLECTED)
    rows = rows.mutate(day=_.time.day_of_week.index().cast("int32"), hour=_.time.hour().cast("int32"))
    counts = rows.group_by("network", "day", "hour").aggregate(parcels=_.count())
    return (
        named(counts.mutate(city=ibis.literal("")))
        .group_by("network", "day", "hour")
        .aggregate(parcels=_.parcels.sum())
        .order_by("network", "day", "hour")
    )


def shares(log: Table) -> Table:
    """Share of each network in the parcels collected of a city and month, and its change in twelve months."""
    counts = panel(log).group_by("city", "network", "month").aggregate(parcels=_.collected.sum())
    of_all = ibis.window(group_by=["city", "month"])
    now = counts.mutate(share=_.parcels / _.parcels.sum().over(of_all).nullif(0), n=_.month // 100 * 12 + _.month % 100)
    then = ibis.range_window(group_by=["city", "network"], order_by="n", preceding=(YEAR, YEAR))
    wanted = now.select("city", "network", "month", "parcels", "share", change=_.share - _.share.max().over(then))
    return wanted.order_by("city", "network", "month")


def journeys(log: Table, *, names: tuple[str, ...] = ()) -> Table:
    """Every parcel: when it first arrived, when it was first collected (seconds since 1970), events of each.

    A number means one parcel, however the city and the network are written. `names` are those that are wanted of where
    it arrived, as `<name>_place` in the table of names: where several arrivals name several, the least name stands.
    Spark finds the least number of a group in one pass, and sorts the rows for the least text.
    """
    rows = good(log).filter(_.parcel.notnull(), _.kind != RETURNED)
    rows = rows.mutate(second=_.time.epoch_seconds(), month=_month(_.time))
    for name in names:
        spelt = _names(name).select(place="place", spelt="spelt")
        rows = rows.join(spelt, rows[name] == spelt.spelt).drop("spelt").rename({f"{name}_place": "place"})
    arrived, collected = _.kind == ARRIVED, _.kind == COLLECTED
    return rows.group_by("parcel").aggregate(
        **{f"{name}_place": _[f"{name}_place"].min(where=arrived) for name in names},
        month=_.month.min(where=arrived),
        arrived=_.second.min(where=arrived),
        collected=_.second.min(where=collected),
        arrivals=_.count(where=arrived),
        collections=_.count(where=collected),
    )


def order(log: Table) -> Table:
    """One row: parcels, events that repeat another of the same parcel and kind, parcels collected before they came."""
    return journeys(log).aggregate(
        parcels=_.count(),
        n_repeated=((_.arrivals - 1).nullif(-1).fill_null(0) + (_.collections - 1).nullif(-1).fill_null(0)).sum(),
        like_repeated=_least(_.parcel, (_.arrivals > 1) | (_.collections > 1)),
        n_backwards=_.count(where=_.collected < _.arrived),
        like_backwards=_least(_.parcel, _.collected < _.arrived),
    )


def waits(log: Table, *, by: tuple[str, ...] = ("network", "month")) -> Table:
    """Minutes from arrival to collection by network, month or city: how many, and the 50th, 90th and 95th percentile.

    A percentile is the least whole minute that so many parcels in a hundred do not exceed: exact, and the same however
    the parcels are dealt out.
    """
    names = tuple(name for name in (CITY, NETWORK) if name in by)
    keys = [f"{name}_place" if name in names else name for name in by]
    whole = journeys(log, names=names).filter(_.collected >= _.arrived)
    minute = ((whole.collected - whole.arrived) / MINUTE).floor().cast("int32")
    counts = whole.mutate(minute=minute).group_by([*keys, "minute"]).aggregate(n=_.count())
    for name in names:
        meant = _names(name).select(place="place", **{name: ibis.coalesce(_.meant, _.spelt)})
        counts = counts.join(meant, counts[f"{name}_place"] == meant.place).drop("place", f"{name}_place")
    counts = counts.group_by([*by, "minute"]).aggregate(n=_.n.sum())
    up_to = ibis.cumulative_window(group_by=list(by), order_by="minute")
    ranked = counts.mutate(below=_.n.sum().over(up_to), total=_.n.sum().over(ibis.window(group_by=list(by))))
    marks = {f"p{rank}": _.minute.min(where=_.below * 100 >= _.total * rank) for rank in (50, 90, 95)}
    return ranked.group_by(list(by)).aggregate(parcels=_.n.sum(), **marks).order_by(list(by))
