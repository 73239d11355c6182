"""How big will it get, and when does it flatten?"""

from pages.ui.guard import via_app

via_app(__file__)

from pages.ui import cached, growth_lists, growth_sections, growth_state, inputs, layout, text
from data.grade import Grade

look = text.look()
market = cached.market()
layout.header(look, "growth", grade=Grade.ESTIMATED, source=look.say("growth.sources"))
part = inputs.switch(look, "topic", growth_state.PARTS, label=lambda p: look.say(f"growth.part_{p}"))
parts = {
    "series": growth_sections.series_part,
    "tiers": growth_lists.tiers_part,
    "league": growth_lists.league_part,
    "ledger": growth_lists.ledger_part,
}
parts[part](look, market)
