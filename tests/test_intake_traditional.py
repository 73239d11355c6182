"""Files in traditional characters: headers, cities, networks and units mean what they do in simplified ones."""

import pytest

from data import intake, platforms
from data.cities import cities
from data.intake import units
from data.intake.names import find
from data.intake.spelling import fold, simple
from data.schema import DATASETS

TEXT = "月份,城市,平臺,業務量(萬件)\n2024-01,廣州,菜鳥,1.2\n2024-01,臺州,豐巢,3\n2024年2月,齊齊哈爾市,京東,3億\n"


@pytest.mark.parametrize("encoding", ["big5", "utf-8"])
def test_a_file_in_traditional_characters(encoding):
    found = intake.read(TEXT.encode(encoding), "volumes")
    assert found.problems[["row", "value", "code"]].to_numpy().tolist() == [[4, "3億", "unit_twice"]]
    assert found.table[["city", "platform", "parcels"]].to_numpy().tolist() == [
        ["440100", "cainiao", 12_000], ["331000", "hivebox", 30_000],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "plain"), [("瀋陽", "沈阳"), ("長春市", "长春市"), ("達達", "达达"), ("杭州", "杭州")]
)
def test_characters(name, plain):
    assert (simple(name), fold(f" {name}。")) == (plain, plain)


def test_what_is_simplified_already_stays():
    table = cities()
    known = [*table["city_zh"], *table["city_full_zh"], *platforms.names()]
    known += [
        header for dataset in DATASETS.values() for column in dataset.columns.values() for header in column.headers
    ]
    assert [name for name in known if simple(name) != name] == []


def test_cells_and_units():
    parcels = DATASETS["volumes"].columns["parcels"]
    assert units.factor("萬件", parcels) == 1e4
    assert units.factor("億件", parcels) == 1e8
    found = intake.read("month,city,platform,parcels\n2024-01,杭州,菜鳥,1.2萬\n".encode(), "volumes")
    assert found.table["parcels"].to_list() == [12_000]


def test_a_network_added_in_traditional_characters_is_itself():
    own = platforms.Platform("bird", "Bird", "鳥網", "", "station", "#336699", "#6699cc", ())
    with platforms.using((own,)):
        assert find("platform", "鳥網").value == "bird"
    assert find("platform", "菜鳥").value == "cainiao"
