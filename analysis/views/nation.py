"""The country by prefecture: every measure in every month, its colours, its legend and what a hover says."""

from analysis.views.nation_scale import Scale, legend, names, paint, scale, words
from analysis.views.nation_values import BY, MEASURES, Frames, frames, month_table

__all__ = ["BY", "MEASURES", "Frames", "Scale", "frames", "legend", "month_table", "names", "paint", "scale", "words"]
