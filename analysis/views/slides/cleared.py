"""What a template says of those who made it, taken out; and whether anything left in it is fetched from elsewhere."""

import re
from collections.abc import Iterator
from typing import Any

APPLICATION = "Posthouse"
_KEPT = ("/officeDocument",)
"""Relations of the package itself that stay; core properties are written anew, the rest says where it comes from."""
_TELLING = (
    *("/tags", "/customXml", "/commentAuthors", "/authors", "/comments", "/changesInfo", "/revisionInfo"),
    *("/printerSettings", "/keyMap"),
)
"""Relations of a part that lead to names, remarks and marks of other programs."""
_PAGES = ("http://", "https://", "mailto:")
_OBJECTS = ("/oleObject", "/package", "/control", "/activeXControlBinary", "/vbaProject")
"""Relations of a part to what another program would open or run."""
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_MARK = b"\xef\xbb\xbf"
_PLAIN = {b"utf-8", b"us-ascii", b"ascii"}
_PROPERTIES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>{application}</Application><Slides>{slides}</Slides></Properties>"
)


def readable(content: bytes) -> bool:
    """Whether XML is in UTF-8, says so, and can be searched as it stands."""
    declared = _DECLARED.match(content.removeprefix(_MARK))
    if declared is not None and declared[1].lower() not in _PLAIN:
        return False
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def clear(show: Any) -> None:
    """Take out of a presentation whose it was: properties, preview, remarks, marks of other programs."""
    from pptx.oxml.ns import qn

    package = show.part.package
    for key, relation in list(package._rels.items()):
        if not relation.reltype.endswith(_KEPT):
            package.drop_rel(key)
    for part in _parts(package):
        for mark in list(part._element.iter(qn("p:custDataLst"))):
            mark.getparent().remove(mark)
        for key, relation in list(part.rels.items()):
            if relation.reltype.endswith(_TELLING):
                part.rels.pop(key)


def _parts(package: Any) -> Iterator[Any]:
    return iter([part for part in package.iter_parts() if hasattr(part, "_element")])


def reaches_out(show: Any) -> bool:
    """Whether anything that stays in the file is loaded from elsewhere; links to pages, to click on, are no harm."""
    outside = [one for one in show.part.package.iter_rels() if one.is_external]
    return any(
        not one.reltype.endswith("/hyperlink") or not one.target_ref.lower().startswith(_PAGES) for one in outside
    )


def holds_objects(show: Any) -> bool:
    """Whether anything that stays in the file is of another program, which would open it."""
    return any(one.reltype.endswith(_OBJECTS) for one in show.part.package.iter_rels())


def inscribe(show: Any) -> None:
    """Write which program made the file, and how many slides it has."""
    from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from pptx.opc.package import Part
    from pptx.opc.packuri import PackURI

    package = show.part.package
    text = _PROPERTIES.format(application=APPLICATION, slides=len(show.slides))
    part = Part(PackURI("/docProps/app.xml"), CONTENT_TYPE.OFC_EXTENDED_PROPERTIES, package, text.encode())
    package.relate_to(part, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)
