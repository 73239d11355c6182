"""A board as a PowerPoint file: native, editable charts, tables and maps with where their numbers come from."""

from analysis.views.slides.deck import deck
from analysis.views.slides.template import TemplateError

__all__ = ["TemplateError", "deck"]
