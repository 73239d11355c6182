"""Sections of the Share page that read the model: what drives shares, and whether it can be trusted."""

import pandas as pd
import streamlit as st

from analysis import captive, evidence, robust
from analysis.responses import assumed_slope
from analysis.share import ShareFit
from analysis.share.twins import find as near_twins
from analysis.views import evidence as pictures
from analysis.views import reading
from analysis.views.look import Look
from data.grade import Grade, weakest
from data.markets import Market
from data.platforms import ORDER_SOURCES, OUTSIDE, PLATFORMS
from pages.ui import answers, cached, fits, inputs, layout, state, told, trust_sections, what_if

HIGHEST_KAPPA = 0.9
ELASTICITY, HIGHEST_ELASTICITY = 0.3, 1.5
"""Own elasticity that the lowest rung of the ladder assumes, give or take half of it."""


def assumption(market: Market) -> Market:
    """The market with the captive parts that the reader has set, where they are not measured."""
    parse = state.number(0.0, HIGHEST_KAPPA)
    return fits.assumed(market, {key: state.get(_kappa(key), 0.0, parse) for key in _sellers()})


def _sellers() -> list[str]:
    """Networks whose owner sells, and so may route orders to them."""
    return [key for key, platform in PLATFORMS.items() if platform.owner in ORDER_SOURCES]


def _kappa(network: str) -> str:
    return f"k.{network}"


def drivers(look: Look, market: Market, filters: inputs.Filters) -> None:
    """What drives shares: a what-if, what one more does, who takes from whom, what is captive, what it rests on."""
    layout.need_rows(look, fits.month_rows(market, filters))
    top, middle, bottom = st.container(), st.container(), st.container()
    with bottom:
        left, right = st.columns(2, gap="small")
    with left:
        market = _captive(look, market, filters)
    with top:
        fit = _fit(look, market)
        told.share_model(look, market, fit)
        network, driver, responses = _effects(look, market, fit, filters)
    with middle:
        tier = _matrices(look, market, fit, filters, network=network, driver=driver)
    with right:
        _ladder(look, market, fit, responses, network=network, driver=driver, tier=tier)


def trust(look: Look, market: Market, filters: inputs.Filters) -> None:
    """Can it be trusted: model card, other estimators, instruments, residuals."""
    market = assumption(market)
    trust_sections.proof(look, market, _fit(look, market))


def _fit(look: Look, market: Market) -> ShareFit:
    """Share model, or a stop with the reason why there is none."""
    fit = fits.share_fit(market, look)
    if isinstance(fit, str):
        st.info(look.say(f"share_error.{fit}"), icon=":material/info:")
        st.stop()
    return fit


def _captive(look: Look, market: Market, filters: inputs.Filters) -> Market:
    """Captive and contestable parcels of the month, with sliders where no origin tells them apart."""
    known = fits.origin_known(market)
    with st.container(border=True, height="stretch", gap="xsmall", key="card_captive"):
        if not known:
            _kappa_sliders(look, market)
        moved = assumption(market)
        rows = fits.month_rows(moved, filters)
        split = captive.by_group(rows, "month").droplevel(0)[["captive", "contestable"]]
        key = "reading.captive_caption" if known else "reading.captive_caption_assumed"
        view = reading.captive_bars(
            split,
            look,
            measured=known,
            caption=look.say(key, month=look.month(filters.month)),
            grade=weakest(market.grade, Grade.ESTIMATED if known else Grade.ASSUMED),
        )
        layout.chart(look, view, "captive")
    return moved


def _kappa_sliders(look: Look, market: Market) -> None:
    offered = [key for key in cached.networks(market) if key in _sellers()]
    if not offered:
        return
    st.caption(look.say("reading.kappa_intro"))
    with st.grid(3, min_column_width=140, gap="medium"):
        for key in offered:
            label = look.say("reading.kappa", name=look.name(key))
            inputs.amount(look, _kappa(key), 0.0, HIGHEST_KAPPA, 0.0, 0.05, label=label)


def _effects(look: Look, market: Market, fit: ShareFit, filters: inputs.Filters) -> tuple[str, str, pd.DataFrame]:
    """What-if beside what one more of a driver does; network and driver chosen, and all responses to the driver."""
    left, right = st.columns([3, 2], gap="small")
    with left:
        network = what_if.block(look, market, fit, filters)
    with right, st.container(border=True, height="stretch", gap="xsmall", key="card_one_more"):
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            if network is None:
                offered = [key for key in cached.networks(market) if key != OUTSIDE] or cached.networks(market)
                network = inputs.one(look, "player", offered, label=look.name)
            driver = inputs.one(look, "driver", fit.drivers, label=lambda d: look.say(f"driver.{d}"))
        responses = fits.elasticities(market, fit, filters, driver)
        if network not in responses.index.get_level_values(1):
            st.info(look.say("reading.absent", name=look.name(network)), icon=":material/info:")
        else:
            _one_more(look, market, fit, filters, responses, network=network, driver=driver)
    return network, driver, responses


def _one_more(
    look: Look,
    market: Market,
    fit: ShareFit,
    filters: inputs.Filters,
    responses: pd.DataFrame,
    *,
    network: str,
    driver: str,
) -> None:
    view = reading.one_more(
        responses,
        look,
        driver=driver,
        network=network,
        caption=look.say(f"reading.caption_{driver}", month=look.month(filters.month)),
        grade=weakest(market.grade, fit.grade),
    )
    layout.chart(look, view, "one_more")
    sentences = view.table[look.say("reading.words")]
    st.caption("\n".join(f"- {sentence}" for sentence in sentences if not sentence.startswith(view.title)))


def _matrices(look: Look, market: Market, fit: ShareFit, filters: inputs.Filters, *, network: str, driver: str) -> str:
    """Responses and diversion of one tier, with the pairs that the model gets wrong; the tier chosen."""
    tiers = list(dict.fromkeys(str(t) for t in fits.month_rows(market, filters)["tier"])) if fit.by else ["all"]
    tiers = [tier for tier in fit.slope(driver)[0].index.astype(str) if tier in tiers]
    grade, month = weakest(market.grade, fit.grade), look.month(filters.month)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="matrix_controls"):
        tier = inputs.one(look, "heat_tier", tiers, label=lambda t: look.term("tier", t), default="Tier 3", width=190)
        kind = inputs.switch(look, "response", ("step", "elastic"), label=lambda k: look.say(f"reading.{k}"))
    if pairs := fits.found(market, look, "twins", lambda: _twins(market, fit)):
        st.warning(reading.twins(pairs, look), icon=":material/warning:")
    elastic = kind == "elastic"
    matrix, ratios = fits.matrices(market, fit, filters, driver=driver, tier=tier, elastic=elastic)
    left, right = st.columns(2, gap="small")
    with left:
        caption = look.say(f"reading.{'elastic' if elastic else 'response'}_{driver}", month=month)
        view = reading.response_table(
            matrix,
            look,
            network=network,
            driver=driver,
            elastic=elastic,
            tier=tier,
            slope=fit.estimates(driver).loc[tier],
            caption=caption,
            grade=grade,
        )
        layout.card(look, view, "responses")
    with right:
        if len(ratios) > 1:
            caption = look.say("reading.diversion_caption", month=month)
            layout.card(
                look, reading.diversion_table(ratios, look, tier=tier, caption=caption, grade=grade), "diversion"
            )
    return tier


def _twins(market: Market, fit: ShareFit) -> list[tuple[str, str]]:
    assert market.panel is not None
    found = near_twins(market.panel, fit)
    return list(zip(found["first"], found["second"], strict=True))


def _ladder(
    look: Look, market: Market, fit: ShareFit, responses: pd.DataFrame, *, network: str, driver: str, tier: str
) -> None:
    """What the effect in one tier rests on, in points of share per one more of the driver."""
    panel, subsidy = market.panel, driver == fits.DRIVERS[0]
    assert panel is not None
    with st.container(border=True, height="stretch", gap="xsmall", key="card_ladder"):
        if (tier, network) not in responses.index:
            st.info(look.say("reading.absent", name=look.name(network)), icon=":material/info:")
            return
        row, slope = responses.loc[(tier, network)], float(fit.slope(driver)[0][tier])
        tables = {"association": fit.estimates(driver)}
        if subsidy:
            tables = fits.found(market, look, ("rungs", network), lambda: robust.rungs(panel, fit, network))
        if subsidy and slope and row["level"] > 0 and row["share"] < 1:
            tables = {"assumed": _assumed(look, row, slope, tier), **tables}
        rungs = evidence.ladder({name: table.set_axis(table.index.astype(str)) for name, table in tables.items()})
        scale = reading.points_per_unit(row, slope)
        if tier not in rungs.index or scale is None:
            st.info(look.say("evidence.nothing"), icon=":material/info:")
            return
        view = pictures.ladder(
            rungs.loc[tier],
            look,
            scale=scale,
            tier=tier,
            driver=driver,
            caption=look.say(f"evidence.caption_{driver}", name=look.name(network)),
            data=market.grade,
        )
        layout.chart(look, view, "ladder")
        notes = pictures.rung_notes(rungs.loc[tier], look)
        with answers.pinnable(look, "rungs", look.say("pinned.rungs"), notes, view.grade):
            st.caption("\n".join(f"- {line}" for line in notes))


def _assumed(look: Look, row: pd.Series, slope: float, tier: str) -> pd.DataFrame:
    middle = inputs.amount(
        look, "eta", 0.0, HIGHEST_ELASTICITY, ELASTICITY, 0.05, label=look.say("evidence.elasticity")
    )
    ends = (0.5 * middle, 1.5 * middle)
    return evidence.frame(assumed_slope(row, slope, ends, group=tier))
