"""The market of this session alone: good rows of the files dropped, which nothing on the disk outlasts."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from data.grade import Grade
from data.intake.canonical import ROW, frame
from data.intake.found import Intake
from data.markets import Market, make
from data.platforms import Platform
from data.schema import DATASETS

if TYPE_CHECKING:
    import pyarrow as pa

_MARKET, _OWNER = "intake.market", "intake.owner"


def own_market() -> Market | None:
    """The market of this session's own files, while it is in use."""
    return st.session_state.get(_MARKET)


def _owner() -> str:
    """Random name of this session: part of every cache key of its files, so that no other session can meet them."""
    return st.session_state.setdefault(_OWNER, uuid.uuid4().hex)


def use(found: Sequence[Intake], networks: tuple[Platform, ...] = ()) -> None:
    """Use the good rows of what was read on every page of this session; later tables of a dataset follow earlier ones.

    Raises
    ------
    ValueError
        No table holds a good row.
    """
    kept = [one for one in found if one.kept]
    if not kept:
        raise ValueError("no good row to use: mend one first")
    frames = {dataset: frame(joined(kept, dataset), dataset) for dataset in dict.fromkeys(one.dataset for one in kept)}
    st.session_state[_MARKET] = make(
        "yours",
        grade=Grade.REPORTED,
        version=f"{_owner()}-{_digest(frames, networks)}",
        source=", ".join(dict.fromkeys(one.name for one in kept)),
        networks=networks,
        **frames,
    )


def repeated(found: Sequence[Intake]) -> list[str]:
    """Datasets of several tables that hold the same key."""
    datasets = [one.dataset for one in found]
    several = [dataset for dataset in dict.fromkeys(datasets) if datasets.count(dataset) > 1]
    return [d for d in several if frame(joined(found, d), d).duplicated(list(DATASETS[d].key)).any()]


def joined(found: Sequence[Intake], dataset: str) -> "pa.Table":
    """Good rows of every table of a dataset, one after another, without `row`."""
    import pyarrow as pa

    tables = [one.rows_of.drop_columns([ROW]) for one in found if one.dataset == dataset]
    return pa.concat_tables(tables, promote_options="default").unify_dictionaries()


def _digest(frames: Mapping[str, pd.DataFrame], networks: Sequence[Platform]) -> str:
    """Twelve figures that stand for rows and networks: the same file, mended or in other colours, is another market."""
    rows = (pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes() for frame in frames.values())
    return hashlib.sha256(b"".join((*rows, repr(tuple(networks)).encode()))).hexdigest()[:12]


def leave() -> None:
    """Use the market that the address names again."""
    st.session_state.pop(_MARKET, None)
