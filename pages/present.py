"""What do I show, and how do I hand it over?"""

from pages.ui.guard import via_app

via_app(__file__)

from pages.ui import board_desk, cached, text

look = text.look()
cached.market()
board_desk.page(look)
