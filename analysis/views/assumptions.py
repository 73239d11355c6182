"""What the illustrative market assumes and which published figures it is held to."""

import pandas as pd

from analysis.views.look import Look

NUMBER = "{:,.6g}"


def table(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Assumptions: name, value, unit, grade, reason."""
    return pd.DataFrame(
        {
            look.say("data.assumption"): [
                _named(key, item, look) for key, item in zip(rows["key"], rows["item"], strict=True)
            ],
            look.say("record.value"): rows["value"].astype(str).to_numpy(),
            look.say("record.unit"): [look.term("unit", u) for u in rows["unit"]],
            look.say("record.grade"): [look.term("grade", g) for g in rows["grade"]],
            look.say("data.reason"): [look.term("reason", k) for k in rows["reason"]],
        }
    )


def anchors(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Anchors: what was published, what is tolerated, what the market has."""
    return pd.DataFrame(
        {
            look.say("data.anchor"): [look.term("anchor", k) for k in rows["name"]],
            look.say("data.target"): rows["target"].map(NUMBER.format).to_numpy(),
            look.say("data.from"): rows["low"].map(NUMBER.format).to_numpy(),
            look.say("data.to"): rows["high"].map(NUMBER.format).to_numpy(),
            look.say("data.in_market"): rows["value"].map(NUMBER.format).to_numpy(),
            look.say("record.unit"): [look.term("unit", u) for u in rows["unit"]],
            look.say("record.source"): rows["source"].to_numpy(),
        }
    )


def _named(key: str, item: str, look: Look) -> str:
    """Assumption and the network or owner it is about."""
    return f"{look.term('assumption', key)} · {look.name(item)}" if item else look.term("assumption", key)
