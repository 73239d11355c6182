"""The queries on parcel events as somebody would write them by hand for DuckDB, without Ibis."""

from data.engine import schema
from data.engine.schema import BOX, YEARS


def _kinds(place: int) -> str:
    return ", ".join(f"'{name}'" for name in schema.spellings()[place])


WEST, EAST, SOUTH, NORTH = BOX
LOG = f"""
log AS (
    SELECT event_time AS time, coalesce(city, '') AS city, coalesce(network, '') AS network,
        coalesce(source, '') AS origin, parcel_id AS parcel, lon, lat,
        CASE WHEN lower(kind) IN ({_kinds(1)}) THEN 1 WHEN lower(kind) IN ({_kinds(2)}) THEN 2
            WHEN lower(kind) IN ({_kinds(3)}) THEN 3 ELSE 0 END::TINYINT AS kind
    FROM raw_events),
good AS (
    SELECT * FROM log
    WHERE year(time) BETWEEN {YEARS[0]} AND {YEARS[1]} AND city <> '' AND network <> '' AND kind > 0)
"""
PANEL = """
written AS (
    SELECT city, network, origin, (year(time) * 100 + month(time))::INTEGER AS month,
        count(*) FILTER (kind = 1) AS arrived, count(*) FILTER (kind = 2) AS collected,
        count(*) FILTER (kind = 3) AS returned
    FROM good GROUP BY ALL),
panel AS (
    SELECT coalesce(c.meant, w.city) AS city, coalesce(n.meant, w.network) AS network, origin, month,
        sum(arrived)::BIGINT AS arrived, sum(collected)::BIGINT AS collected, sum(returned)::BIGINT AS returned
    FROM written w LEFT JOIN known_cities c ON w.city = c.spelt LEFT JOIN known_networks n ON w.network = n.spelt
    GROUP BY ALL)
"""
JOURNEYS = """
journeys AS (
    SELECT parcel, min(network) FILTER (kind = 1) AS network,
        min((year(time) * 100 + month(time))::INTEGER) FILTER (kind = 1) AS month,
        min(epoch(time)::BIGINT) FILTER (kind = 1) AS arrived, min(epoch(time)::BIGINT) FILTER (kind = 2) AS collected
    FROM good WHERE parcel IS NOT NULL AND kind <> 3 GROUP BY ALL)
"""
BY_HAND = {
    "panel": f"WITH {LOG}, {PANEL} SELECT * FROM panel ORDER BY ALL",
    "hours": f"""WITH {LOG}, counts AS (
        SELECT network, (isodow(time) - 1)::INTEGER AS day, hour(time)::INTEGER AS hour, count(*) AS parcels
        FROM good WHERE kind = 2 GROUP BY ALL)
    SELECT coalesce(meant, network) AS network, day, hour, sum(parcels)::BIGINT AS parcels
    FROM counts LEFT JOIN known_networks ON network = spelt GROUP BY ALL ORDER BY ALL""",
    "checks": f"""WITH {LOG}, seen AS (
        SELECT *, coalesce(year(time) BETWEEN {YEARS[0]} AND {YEARS[1]}, false) AS dated,
            coalesce(lon BETWEEN {WEST} AND {EAST} AND lat BETWEEN {SOUTH} AND {NORTH}, false) AS here FROM log)
    SELECT count(*) AS rows,
        strftime(min(time) FILTER (dated AND city <> '' AND network <> '' AND kind > 0), '%Y%m%d')::INTEGER AS first,
        strftime(max(time) FILTER (dated AND city <> '' AND network <> '' AND kind > 0), '%Y%m%d')::INTEGER AS last,
        count(*) FILTER (NOT dated) AS n_time, coalesce((min(time) FILTER (NOT dated))::VARCHAR, '') AS like_time,
        count(*) FILTER (city = '') AS n_city, coalesce((min(parcel) FILTER (city = ''))::VARCHAR, '') AS like_city,
        count(*) FILTER (network = '') AS n_network,
        coalesce((min(parcel) FILTER (network = ''))::VARCHAR, '') AS like_network,
        count(*) FILTER (kind = 0) AS n_kind, coalesce((min(parcel) FILTER (kind = 0))::VARCHAR, '') AS like_kind,
        count(*) FILTER (parcel IS NULL) AS n_parcel,
        coalesce((min(time) FILTER (parcel IS NULL))::VARCHAR, '') AS like_parcel,
        count(*) FILTER (NOT here) AS n_place, coalesce((min(parcel) FILTER (NOT here))::VARCHAR, '') AS like_place
    FROM seen""",
    "shares": f"""WITH {LOG}, {PANEL}, counts AS (
        SELECT city, network, month, sum(collected)::BIGINT AS parcels FROM panel GROUP BY ALL),
    shares AS (
        SELECT *, parcels / nullif(sum(parcels) OVER (PARTITION BY city, month), 0)::DOUBLE AS share,
            month // 100 * 12 + month % 100 AS n FROM counts)
    SELECT city, network, month, parcels, share, share - max(share) OVER (
        PARTITION BY city, network ORDER BY n RANGE BETWEEN 12 PRECEDING AND 12 PRECEDING) AS change
    FROM shares ORDER BY 1, 2, 3""",
    "waits": f"""WITH {LOG}, {JOURNEYS}, counts AS (
        SELECT network, month, ((collected - arrived) // 60)::INTEGER AS minute, count(*) AS n
        FROM journeys WHERE collected >= arrived GROUP BY ALL),
    named AS (
        SELECT coalesce(meant, network) AS network, month, minute, sum(n)::BIGINT AS n
        FROM counts LEFT JOIN known_networks ON network = spelt GROUP BY ALL),
    ranked AS (
        SELECT *, sum(n) OVER (PARTITION BY network, month ORDER BY minute ROWS UNBOUNDED PRECEDING) AS below,
            sum(n) OVER (PARTITION BY network, month) AS total FROM named)
    SELECT network, month, sum(n)::BIGINT AS parcels, min(minute) FILTER (below * 100 >= total * 50) AS p50,
        min(minute) FILTER (below * 100 >= total * 90) AS p90, min(minute) FILTER (below * 100 >= total * 95) AS p95
    FROM ranked GROUP BY ALL ORDER BY 1, 2""",
}
"""By the names of `tests.events_by_hand.QUESTIONS`; answers are the same cell by cell."""
