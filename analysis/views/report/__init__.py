"""Views handed over as files: one HTML page, PDF, pictures, tables."""

from analysis.views.report.browser import NoBrowser
from analysis.views.report.html import html
from analysis.views.report.pdf import pdf

__all__ = ["NoBrowser", "html", "pdf"]
