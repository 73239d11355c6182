"""A user's own network is blacked out on every board that names it, whichever market is open; letters stay."""

import json
import re

import pytest

from analysis.views.masked import mask_of, masked, masked_slide
from analysis.views.pinned import Pinned, Whence, pack, unpack, words_view
from analysis.views.slide import slide_of
from data.grade import Grade
from data.platforms import BUILT_IN, Platform, using

ACME = ("acme", "Acme Box", "顶点柜", "#b647ff", "#c47fff", "Acme Group", "AcmB")
SWIFT = ("swift", "Swift Box", "迅捷柜", "#7a6cff", "#8c7cff", "Swift Group", "SwB")
NAMES = re.compile("acme|顶点|acmb|#b647ff|#c47fff", re.IGNORECASE)
NETWORKS = [key for key in BUILT_IN if key != "home"]


def one(*networks, title="Acme Box (AcmB, 顶点柜, Acme Group) beats Cainiao"):
    view = words_view(title, title, Grade.ASSUMED)
    return Pinned(view, Whence("share", "s", "v", networks=networks), "en", "light")


def test_a_view_keeps_the_networks_it_may_name():
    assert unpack(pack(one(ACME, SWIFT))).whence.networks == (ACME, SWIFT)


def test_a_network_of_another_market_is_blacked_out():
    mask = mask_of("b1", [one(ACME)])
    assert not NAMES.search(mask.text("Acme Box (AcmB, 顶点柜, Acme Group)", "en"))
    assert "#b647ff" not in mask.colour("#b647ff", "light")
    assert "#c47fff" not in mask.colour("#c47fff", "dark")


def test_a_mask_that_was_not_told_learns_of_the_network_from_the_view():
    slide = slide_of(one(ACME), title="Acme Box", note="ask AcmB")
    found = masked_slide(slide, mask_of("b1"))
    said = json.dumps([found.title, found.note, str(found.one)], ensure_ascii=False)
    assert not NAMES.search(said)
    assert masked(one(ACME), mask_of("b1")).whence.networks == ()


def test_a_renamed_network_goes_under_all_its_names():
    renamed = ("acme", "Zenith Box", "天顶柜", "#119911", "#22aa22", "Zenith Group")
    mask = mask_of("b1", [one(ACME), one(renamed)])
    said = mask.text("Acme Box, Zenith Box, 天顶柜, Zenith Group", "en")
    assert not re.search("acme|zenith|天顶", said, re.IGNORECASE)
    assert mask.text("Acme Box", "en") == mask.text("Zenith Box", "en")
    assert mask.colour("#119911", "light") == mask.colour("#b647ff", "light")


@pytest.mark.parametrize("seed", [f"b{n}" for n in range(20)])
def test_letters_of_a_board_stay_whatever_joins_it(seed):
    plain = mask_of(seed)
    own = mask_of(seed, [one(ACME)])
    with using((Platform("swift", "Swift Box", "迅捷柜", "Swift Group", "locker", "#7a6cff", "#8c7cff"),)):
        used = mask_of(seed)
    for mask in (own, used, mask_of(seed, [one(SWIFT), one(ACME)])):
        assert {key: mask.letters[key] for key in plain.letters} == dict(plain.letters)
        assert len({mask.letters[f"network:{key}"] for key in (*NETWORKS,)}) == len(NETWORKS)
    both = [mask_of(seed, ones).letters for ones in ([one(SWIFT), one(ACME)], [one(ACME, SWIFT)])]
    assert both[0] == both[1]
    assert both[0]["network:acme"] != both[0]["network:swift"]


def test_an_own_network_has_its_letter_beside_most_others():
    others = [(f"k{n}", f"Rival {n}", f"对手{n}", "#123456", "#654321", f"Owner {n}") for n in range(30)]
    alone = mask_of("b1", [one(ACME)]).letters["network:acme"]
    same = [mask_of("b1", [one(ACME, other)]).letters["network:acme"] == alone for other in others]
    assert sum(same) >= 27


@pytest.mark.parametrize(
    "said", ["Jitu", "S.T.O", "S.F. Express", "菜 鸟", "菜\u200b鸟驿站", "Zhongtong", "J.D.", "Yuantong Sudi", "顺 丰"]
)
def test_other_spellings_of_a_note(said):
    lang = "en" if said.isascii() else "zh"
    found = mask_of("b1").text(f"{said} 2024", lang)
    assert re.match(r"(Network|Company|网络|企业) ?[A-Z]\b", found), found
