"""How people choose a station: exponents assumed and editable, or fitted to flows that the session has brought."""

from dataclasses import dataclass, replace

import streamlit as st

from analysis.space import huff
from analysis.space.catchment import Model
from analysis.space.choice_sets import left_out
from analysis.space.huff_fit import ATTRACTION, DISTANCE, FEW, HuffError, HuffFit, choice_sets, fit_huff
from analysis.views import catchment_sites
from analysis.views.look import Look, View, percent
from data.grade import Grade
from data.markets import Market
from pages.ui import cached, inputs, layout, map_files

KM = 1000.0
FITTED, ASSUMED = "fitted", "assumed"
ENOUGH = 0.8
"""Part of a file's parcels that a fit should rest on."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit, its check, and what it leaves aside.

    Attributes
    ----------
    fit : HuffFit
        By the likelihood.
    check : HuffFit, optional
        By log-centring, where that can be had.
    aside : dict
        Parts of the file's parcels by reason, as of `left_out`.
    """

    fit: HuffFit
    check: HuffFit | None
    aside: dict[str, float]


def chosen(look: Look, market: Market) -> Model:
    """The model: sliders, and the fit where the session has flows and the reader wants it."""
    map_files.upload(look, "demand")
    map_files.upload(look, "flows")
    with st.expander(look.say("catch.rules"), icon=":material/tune:", key="cat_rules"):
        above = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
            layout.badge(look, Grade.ASSUMED)
            st.caption(look.say("catch.rules_caption"), width="stretch")
        with st.grid(3, min_column_width=180, gap="medium"):
            reach = _slider(look, "cat_km", "reach_m", KM)
            with above:
                fitted = _fit(look, market, reach)
            if fitted is not None:
                return fitted.model(replace(Model(), reach_m=reach))
            distance = _slider(look, "cat_l", DISTANCE)
            size = _slider(look, "cat_g", ATTRACTION)
    return replace(Model(), distance_exponent=distance, attraction_exponent=size, reach_m=reach)


def _slider(look: Look, name: str, key: str, unit: float = 1.0) -> float:
    """One assumption of the model, in its own unit whatever the slider shows."""
    item = huff.ASSUMED[key]
    low, high, default = (value / unit for value in (item.low, item.high, item.value))
    step = 0.1 if unit == 1.0 else 0.5
    label = look.say(f"catch.{key}")
    return inputs.amount(look, name, low, high, default, step, label=label, pattern="%.1f") * unit


def _fit(look: Look, market: Market, reach_m: float) -> HuffFit | None:
    """The fit with its table, where the session has flows that carry one and the reader has not set it aside."""
    flows = map_files.flows(look, market)
    if flows is None or flows.empty:
        st.caption(look.say("catch.no_flows"))
        return None

    def make() -> Fitted | str:
        pairs = choice_sets(flows, reach_m=reach_m)
        many = pairs["platform"].nunique() > 1 and (pairs["platform"] != "").all()
        network = "platform" if many else None
        try:
            fit = fit_huff(pairs, network=network)
        except HuffError as error:
            return error.code
        try:
            check = fit_huff(pairs, network=network, method="log_centred")
        except HuffError:
            check = None
        return Fitted(fit, check, left_out(flows, pairs, fit.flow, total=map_files.flows_total()))

    found = cached.kept("catch.fit", (*map_files.flows_key(market), reach_m), make)
    if isinstance(found, str):
        st.warning(look.say("catch.no_fit", reason=look.say(f"catch.fit_{found}")), icon=":material/warning:")
        return None
    wanted = inputs.switch(look, "cat_fit", (FITTED, ASSUMED), label=lambda one: look.say(f"catch.exponents_{one}"))
    if wanted == ASSUMED:
        return None
    _told(look, found, reach_m)
    return found.fit


def _told(look: Look, found: Fitted, reach_m: float) -> None:
    """Exponents with their intervals, and what the fit rests on."""
    fit, limits = found.fit, found.fit.conf_int()
    rows = [
        {
            "value": float(fit.params[key]),
            "std_error": float(fit.std_errors[key]),
            "low": float(limits.loc[key, "low"]),
            "high": float(limits.loc[key, "high"]),
        }
        for key in (DISTANCE, ATTRACTION)
    ]
    table = catchment_sites.exponent_table(rows, [look.say(f"catch.{key}") for key in (DISTANCE, ATTRACTION)], look)
    said = [look.say("catch.fit_said", origins=fit.origins, pairs=fit.pairs, zeros=fit.without_flow)]
    said.append(look.say("catch.fit_method", km=f"{reach_m / KM:g}", metres=f"{huff.ASSUMED['least_m'].value:g}"))
    said += [look.say("catch.fit_unknown", name=look.say(f"catch.{key}")) for key in fit.not_identified]
    alt = look.say("catch.fitted_alt")
    layout.caption_row(look, View({}, table, alt, look.text(said), alt, fit.grade), "cat_fit")
    st.dataframe(table, hide_index=True, height="content", alt=alt, key="cat_fit_rows")
    if found.check is not None:
        st.caption(_check(look, found.check))
    for caution in _cautions(look, found):
        st.warning(caution, icon=":material/warning:")


def _check(look: Look, check: HuffFit) -> str:
    """What log-centring gives for the same flows."""
    known = [key for key in (DISTANCE, ATTRACTION) if key not in check.not_identified]
    values = look.join(f"{look.say(f'catch.{key}')} {check.params[key]:.2f}" for key in known)
    return look.say("catch.fit_check", values=values, pairs=check.pairs)


def _cautions(look: Look, found: Fitted) -> list[str]:
    """Why the fit should not be taken as it is."""
    fit, used = found.fit, 1 - sum(found.aside.values())
    said = []
    if used < ENOUGH:
        reasons = [
            look.say(f"catch.aside_{reason}", part=percent(part))
            for reason, part in found.aside.items()
            if part >= 0.005
        ]
        said.append(look.say("catch.fit_part", part=percent(used), reasons=look.join(reasons)))
    if fit.origins < FEW:
        said.append(look.say("catch.fit_few", n=fit.origins))
    said += [
        look.say("catch.fit_wrong", name=look.say(f"catch.{key}"), value=f"{fit.params[key]:.2f}")
        for key in fit.wrong_signed
    ]
    for key in fit.beyond:
        item, value = huff.ASSUMED[key], f"{fit.params[key]:.1f}"
        name = look.say(f"catch.{key}")
        said.append(look.say("catch.fit_beyond", name=name, value=value, low=f"{item.low:g}", high=f"{item.high:g}"))
    return said
