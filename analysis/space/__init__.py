"""Where the networks stand: coverage, white space, catchments, hexagons."""

from analysis.space.standing import active

__all__ = ["active"]
