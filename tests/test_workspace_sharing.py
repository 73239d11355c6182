"""What others may do with a market that is shared, and the networks that it brings."""

from dataclasses import replace

import pandas as pd
import pyarrow as pa

from data.platforms import Platform
from data.workspace import Part, Provenance
from tests.small_volumes import stations, volumes
from tests.test_workspace_markets import AUGUST, JULY, part, refusal, save, workspace

__all__ = ["workspace"]
NETWORK = Platform("yunxi", "Yunxi", "云喜", "Yunxi", "station", "#123456", "#abcdef", ("云喜驿站",))


def test_others_read_what_is_shared_and_change_nothing(workspace):
    market = save(workspace, part(JULY)).market
    mine = save(workspace, part(JULY), owner="bob", name="his").market
    reads = (
        lambda: workspace.version(market, owner="bob"),
        lambda: workspace.versions(market, "bob"),
        lambda: workspace.market(market, "bob"),
        lambda: workspace.networks(market, "bob"),
        lambda: workspace.preview(owner="bob", parts=[part(AUGUST)], market=market),
    )
    changes = (
        lambda: save(workspace, part(AUGUST), owner="bob", market=market),
        lambda: workspace.undo(market, "bob"),
        lambda: workspace.redo(market, "bob"),
        lambda: workspace.rename(market, "bob", "his"),
        lambda: workspace.share(market, "bob", True),
        lambda: workspace.delete(market, "bob"),
        lambda: workspace.add_network(market, "bob", NETWORK),
    )
    assert {refusal(call) for call in (*reads, *changes)} == {"not_your_market"}
    workspace.share(market, "ann", True)
    assert [call() is not None for call in reads] == [True] * len(reads)
    assert {refusal(call) for call in changes} == {"not_your_market"}
    assert [(one.id, one.owned) for one in workspace.markets("bob", shared=True)] == [(mine, True), (market, False)]
    assert [one.id for one in workspace.markets("bob")] == [mine]
    workspace.share(market, "ann", False)
    assert refusal(reads[0]) == "not_your_market"


def test_others_see_the_version_in_use_and_neither_rows_set_aside_nor_what_was_undone(workspace):
    aside = pd.DataFrame({"row": [4], "月份": ["secret"]})
    market = save(workspace, part(JULY, aside=aside, provenance=Provenance(file="七月.csv"))).market
    save(workspace, part(AUGUST), market=market)
    workspace.undo(market, "ann")
    workspace.share(market, "ann", True)
    (seen,) = workspace.versions(market, "bob")
    (whence,) = seen.part("volumes").provenance
    assert (seen.number, whence.file, whence.set_aside) == (1, "七月.csv", "")
    assert workspace.version(market, 1, owner="bob").table("volumes").equals(volumes(JULY))
    assert workspace.version(market, owner="bob").aside("volumes").empty
    assert refusal(lambda: workspace.version(market, 2, owner="bob")) == "no_version"
    assert len(workspace.version(market, owner="ann").aside("volumes")) == 1
    workspace.redo(market, "ann")
    assert [one.number for one in workspace.versions(market, "bob")] == [2]
    assert refusal(lambda: workspace.version(market, 1, owner="bob")) == "no_version"
    assert [one.number for one in workspace.versions(market, "ann")] == [1, 2]


def test_networks_of_a_market_are_kept_by_key(workspace):
    market = save(workspace, part(JULY), networks=[NETWORK]).market
    assert workspace.networks(market, "ann") == (NETWORK,)
    workspace.add_network(market, "ann", replace(NETWORK, en="Cloud"))
    assert [one.en for one in workspace.networks(market, "ann")] == ["Cloud"]
    assert workspace.networks(save(workspace, part(JULY)).market, "ann") == ()


def test_a_format_that_is_not_given_is_that_of_the_market_s_network(workspace):
    locker = replace(NETWORK, format="locker")
    there = stations(["a"]).set_column(1, "platform", pa.array(["yunxi"]).dictionary_encode()).drop_columns("format")
    first = save(workspace, Part("stations", there), networks=[locker])
    more = there.set_column(0, "station_id", pa.array(["b"]))
    found = workspace.preview(owner="ann", parts=[Part("stations", there, "append")], market=first.market)
    assert found.rows[["same", "conflicts"]].to_numpy().tolist() == [[1, 0]]
    save(workspace, Part("stations", more, "append"), market=first.market)
    table = workspace.version(first.market, owner="ann").table("stations")
    assert table["format"].to_pylist() == ["locker", "locker"]
