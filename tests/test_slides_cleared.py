"""A template leaves nothing of its makers in a deck, and nothing in it is fetched from elsewhere."""

import io
import zipfile

import pytest
from pptx import Presentation

from analysis.views.slides import deck
from tests.test_slides_template import LOOK, SLIDE, altered, refused, saved, template

KIND = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
LAYOUT = "ppt/slideLayouts/_rels/slideLayout6.xml.rels"


def linked(name: str, link: bytes):
    return altered(
        template(),
        change=lambda part, old: old.replace(b"</Relationships>", link + b"</Relationships>") if part == name else old,
    )


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize("name", [LAYOUT, "ppt/_rels/presentation.xml.rels", "ppt/theme/_rels/theme1.xml.rels"])
@pytest.mark.parametrize(
    "link",
    [
        b'<Relationship Id="rId99" Type="%simage" Target="http://x.invalid/a.png" TargetMode = "External"/>',
        b'<Relationship Id="rId99" Type="%simage" Target="http://x.invalid/hyperlink" TargetMode="External"/>',
        b'<r:Relationship xmlns:r="http://schemas.openxmlformats.org/package/2006/relationships" Id="rId99" '
        b'Type="%simage" Target="http://x.invalid/a.png" TargetMode="External"/>',
        b"<Relationship TargetMode='External' Id='rId99' Target='http://x.invalid/a.png' Type='%simage'/>",
    ],
    ids=["blanks", "hyperlink in its address", "prefix", "order"],
)
def test_no_spelling_of_a_link_is_let_through(name, link):
    whole = template()
    if name not in parts(whole):
        packed = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        empty = packed + b'relationships"></Relationships>'
        whole = altered(whole, add={name: empty})
    content = altered(
        whole,
        change=lambda part, old: (
            old.replace(b"</Relationships>", link % KIND + b"</Relationships>") if part == name else old
        ),
    )
    assert refused(content) == "reaches_out"


def test_a_link_of_the_package_itself_does_not_reach_the_deck():
    link = b'<Relationship Id="rId99" Type="%s" Target="http://x.invalid/ui.xml" TargetMode="External"/>'
    kind = b"http://schemas.microsoft.com/office/2006/relationships/ui/extensibility"
    found = deck([SLIDE], LOOK, name="B", template=linked("_rels/.rels", link % kind))
    assert not any(b"x.invalid" in part for part in parts(found).values())


@pytest.mark.parametrize("coded", ["utf-16", "utf-16-le", "utf-7", "latin-1"])
def test_only_utf_8_is_read(coded):
    def change(name: str, part: bytes) -> bytes:
        if name != "ppt/slideLayouts/slideLayout6.xml":
            return part
        text = part.decode().partition("?>")[2].encode("ascii", "ignore").decode()
        return f'<?xml version="1.0" encoding="{coded}"?>{text}'.encode("utf-16" if "16" in coded else "ascii")

    assert refused(altered(template(), change=change)) == "damaged"


def test_nothing_of_its_makers_is_left():
    def change(name: str, part: bytes) -> bytes:
        if name == "docProps/app.xml":
            return part.replace(
                b"</Properties>", b"<Company>Old Client</Company><Manager>Old Boss</Manager></Properties>"
            )
        if name == "docProps/core.xml":
            mark = b"<cp:contentStatus>Old Status</cp:contentStatus></cp:coreProperties>"
            return part.replace(b"</cp:coreProperties>", mark)
        if name == "_rels/.rels":
            link = b'<Relationship Id="rId77" Type="%scustom-properties" Target="docProps/custom.xml"/>' % KIND
            return part.replace(b"</Relationships>", link + b"</Relationships>")
        if name == "ppt/_rels/presentation.xml.rels":
            link = b'<Relationship Id="rId77" Type="%scommentAuthors" Target="commentAuthors.xml"/>' % KIND
            return part.replace(b"</Relationships>", link + b"</Relationships>")
        return part

    old = {"docProps/custom.xml": b"<a>Old Custom</a>", "ppt/commentAuthors.xml": b"<a>Old Author</a>"}
    found = parts(deck([SLIDE], LOOK, name="B", template=altered(template(), add=old, change=change)))
    assert not any(b"Old " in part for part in found.values())
    assert not any("thumbnail" in name or "custom" in name for name in found)


def test_the_deck_says_what_made_it_and_how_long_it_is():
    for content in (deck([SLIDE], LOOK, name="B"), deck([SLIDE], LOOK, name="B", template=template(2))):
        found = parts(content)
        assert b"<Application>Posthouse</Application><Slides>2</Slides>" in found["docProps/app.xml"]
        assert not any("thumbnail" in name for name in found)
        assert sum(name.startswith("docProps/") for name in found) == 2
        shown = Presentation(io.BytesIO(content))
        assert shown.core_properties.title == "B"
        assert Presentation(io.BytesIO(saved(shown))).core_properties.author == "Posthouse"
