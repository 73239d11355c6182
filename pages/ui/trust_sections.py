"""Can the share model be trusted: its card, other estimators, instruments, residuals."""

import streamlit as st

from analysis import robust, ways
from analysis.share import ShareFit, checks
from analysis.share.card import ModelCard
from analysis.views import drivers, evidence, robustness
from analysis.views.look import Look, View
from data.grade import weakest
from data.markets import Market
from pages.ui import answers, cached, fits, inputs, layout, told

PROOFS = ("card", "ways", "instruments", "residuals")


def proof(look: Look, market: Market, fit: ShareFit) -> None:
    """One proof at a time: only the chosen one is computed."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="trust_controls"):
        chosen = inputs.switch(look, "proof", PROOFS, label=lambda p: look.say(f"check.show_{p}"))
        driver = inputs.one(
            look, "driver", fit.drivers, label=lambda d: look.say(f"driver.{d}"), collapsed=True, width=190
        )
    told.chosen(look, {"pinned.place_of": look.say("pinned.whole"), "proof": look.say(f"check.show_{chosen}")})
    told.share_model(look, market, fit, driver=driver)
    {"card": _card, "ways": _ways, "instruments": _instruments, "residuals": _residuals}[chosen](
        look, market, fit, driver
    )


def _card(look: Look, market: Market, fit: ShareFit, driver: str) -> None:
    panel = market.panel
    assert panel is not None
    version = market.version.removesuffix(fits.ASSUMED)
    card = fits.found(market, look, "card", lambda: checks.run(panel, fit, data_version=version))
    grade = weakest(market.grade, fit.grade)
    left, right = st.columns([3, 2], gap="small")
    with left, st.container(border=True, height="stretch", gap="xsmall", key="card_model"):
        title = evidence.card_title(card, look)
        names = cached.place_names("city", look)
        table = evidence.card_table(card, look, cities=names)
        caption = evidence.facts(card, look, fits.counted(market))
        layout.heading(look, View({}, table, title, caption, title, grade), "model")
        said = [evidence.check_sentence(check, look, cities=names) for check in card.checks]
        with answers.pinnable(look, "checks", look.say("pinned.checks"), said, grade):
            _checks(look, card, names)
        st.code(card.formula, language=None, wrap_lines=True)
    with right:
        caption = look.say(f"driver.{driver}_caption")
        layout.card(look, drivers.coefficients(fit, look, driver=driver, caption=caption, data=market.grade), "drivers")


def _checks(look: Look, card: ModelCard, names: dict[str, str]) -> None:
    marks = {
        True: ":green[:material/check_circle:]",
        False: ":orange[:material/error:]",
        None: ":gray[:material/remove_circle_outline:]",
    }
    for check in card.checks:
        st.markdown(f"{marks[check.passed]} {evidence.check_sentence(check, look, cities=names)}")


def _ways(look: Look, market: Market, fit: ShareFit, driver: str) -> None:
    panel, grade = market.panel, weakest(market.grade, fit.grade)
    assert panel is not None
    found = fits.found(market, look, ("ways", driver), lambda: ways.compare(panel, fit, driver))
    caption = look.say(f"way.caption_{driver}")
    layout.card(look, robustness.estimators(found, look, driver=driver, caption=caption, grade=grade), "estimators")
    for way, code in found.failures.items():
        reason = look.say("way.failed", way=look.say(f"way.{way.replace('-', '_')}"), reason=look.term("why", code))
        st.caption(reason)
    if nested := robustness.nesting(found, look):
        st.caption(nested)
    few = fits.found(market, look, ("wild", driver), lambda: robust.few_cities(panel, fit, driver))
    if len(few):
        layout.table_card(
            look,
            robustness.wild_table(few, look),
            title=robustness.wild_title(few, look),
            caption=look.say("check.wild_caption"),
            grade=grade,
            key="wild",
        )


def _instruments(look: Look, market: Market, fit: ShareFit, driver: str) -> None:
    panel, grade = market.panel, weakest(market.grade, fit.grade)
    assert panel is not None
    if fits.DRIVERS[0] not in fit.drivers:
        st.info(look.say("instrument.no_subsidies"), icon=":material/info:")
        return
    own = robust.own_columns(panel)
    options = [*robust.ELSEWHERE, *own]
    chosen = inputs.some(
        look, "instrument", options, label=lambda c: look.term("instrument_of", c), collapsed=False
    ) or ("tier",)
    st.caption(look.say("instrument.own_rule" if own else "instrument.own_none"))
    found = fits.found(
        market,
        look,
        ("instruments", chosen),
        lambda: robust.either(lambda: robust.instrumented(panel, fit, fits.DRIVERS[0], chosen)),
    )
    if isinstance(found, str):
        answers.callout(
            look, look.say("instrument.failed", reason=look.term("why", found)), "no_instrument", grade=grade
        )
        if found == "no_variation" and set(chosen) & set(own):
            st.caption(look.say("instrument.own_flat"))
        return
    layout.table_card(
        look,
        evidence.instruments_table(found, fits.DRIVERS[0], look),
        title=evidence.instruments_title(found, fits.DRIVERS[0], look),
        caption=look.say("instrument.caption"),
        grade=grade,
        key="instruments",
    )
    notes = evidence.instruments_notes(found, look)
    if missing := len(panel) - found.nobs:
        columns = look.join(c for c in chosen if c in own)
        notes.append(look.say("instrument.left_out", n=f"{missing:,}", total=f"{len(panel):,}", columns=columns))
    if notes:
        with answers.pinnable(look, "instrument_notes", look.say("pinned.instruments"), notes, grade):
            for note in notes:
                st.markdown(f"- {layout.shown(note)}")


def _residuals(look: Look, market: Market, fit: ShareFit, driver: str) -> None:
    panel, grade = market.panel, weakest(market.grade, fit.grade)
    assert panel is not None
    changes = fits.found(market, look, ("influence", driver), lambda: checks.influence(panel, fit, driver))
    quantiles = fits.found(market, look, "quantiles", lambda: robust.quantiles(panel, fit))
    changes = changes.dropna(how="all")
    left, right = st.columns(2, gap="small")
    with left:
        if changes.empty:
            st.info(look.say("check.influence_none"), icon=":material/info:")
        else:
            caption, names = look.say("check.influence_caption"), cached.place_names("city", look)
            view = robustness.influence(changes, look, cities=names, caption=caption, grade=grade)
            layout.card(look, view, "influence")
    with right:
        if quantiles.empty:
            st.info(look.say("check.quantiles_none"), icon=":material/info:")
        else:
            caption = look.say("check.quantiles_caption")
            layout.card(look, robustness.quantile_lines(quantiles, look, caption=caption, grade=grade), "quantiles")
