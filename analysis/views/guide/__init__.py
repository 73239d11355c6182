"""The guide inside the app: chapters in Markdown, brought to pages that need no script."""

from analysis.views.guide.chapters import DOCS, GROUPS, HOME, KEYS, PICTURES, STYLE, Chapter, chapter
from analysis.views.guide.page import page, search_page, unknown_page

__all__ = [
    "DOCS",
    "GROUPS",
    "HOME",
    "KEYS",
    "PICTURES",
    "STYLE",
    "Chapter",
    "chapter",
    "page",
    "search_page",
    "unknown_page",
]
