"""Parcel events counted where they lie: one set of queries, run by DuckDB here or by Spark on a cluster."""

from data.engine.base import Engine
from data.engine.panel import Counted
from data.engine.refusal import EngineError
from data.engine.run import answer, count, opened

__all__ = ["Counted", "Engine", "EngineError", "answer", "count", "opened"]
