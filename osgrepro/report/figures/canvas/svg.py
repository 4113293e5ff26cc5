"""A figure as one SVG element that a page can hold: named, with tooltips, without a style sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.canvas import Area

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_LINK = f"{{{_XLINK}}}href"
_FONTS = "system-ui, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"


def element(
    encoded: bytes, areas: Mapping[str, Area], *, name: str, title: str, caption: str
) -> str:
    """Return matplotlib's file as an element.

    Its ids begin with ``name``, so that they are unique on a page of several figures. ``title``
    and ``caption`` are what a screen reader says of it.
    """
    root = ET.fromstring(encoded)  # noqa: S314, our own
    for child in list(root):
        # Its style sheet would be that of the whole page.
        if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}defs") and _is_style(child):
            root.remove(child)
    _tell(root, areas)
    _own_ids(root, name)
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    _, _, width, height = root.attrib["viewBox"].split()
    root.attrib |= {
        "role": "img",
        "width": f"{float(width):g}pt",
        "height": f"{float(height):g}pt",
        "font-family": _FONTS,
        "stroke-linejoin": "round",
    }
    for place, (tag, words) in enumerate((("title", title), ("desc", caption))):
        spoken = ET.Element(f"{{{_SVG}}}{tag}")
        spoken.text = visible(words)
        root.insert(place, spoken)
    _plain_names(root)
    return ET.tostring(root, encoding="unicode")


def _is_style(part: ET.Element) -> bool:
    return part.tag.endswith("metadata") or any(child.tag.endswith("style") for child in part)


def _tell(root: ET.Element, areas: Mapping[str, Area]) -> None:
    """Put the words of each area where a pointer finds them."""
    for part in root.iter():
        if part.tag.endswith("}text"):
            part.attrib["pointer-events"] = "none"
        area = areas.get(part.get("id", ""))
        if area is None:
            continue
        spoken = ET.Element(f"{{{_SVG}}}title")
        spoken.text = visible(area.words)
        part.insert(0, spoken)
        part.attrib["pointer-events"] = "all"
        if area.mark is not None:
            part.attrib["data-mark"] = area.mark


def _own_ids(root: ET.Element, name: str) -> None:
    """Keep only the ids that something refers to, unique to this figure; and no font's name."""
    used: set[str] = set()
    for part in root.iter():
        used.update(re.findall(r"url\(#([^)]*)\)", " ".join(part.attrib.values())))
        if (target := part.get(_LINK)) is not None:
            used.add(target.removeprefix("#"))
    for part in root.iter():
        if (own := part.attrib.pop("id", None)) in used:
            part.attrib["id"] = f"{name}-{own}"
        if (target := part.get(_LINK)) is not None:
            part.attrib[_LINK] = f"#{name}-{target.removeprefix('#')}"
        for key, value in part.attrib.items():
            if "url(#" in value:
                part.attrib[key] = value.replace("url(#", f"url(#{name}-")
        if "style" in part.attrib:
            part.attrib["style"] = re.sub(
                r"font-family: [^;]*;?|stroke-linejoin: \w+;?", "", part.attrib["style"]
            ).strip()


def _plain_names(root: ET.Element) -> None:
    """Write the names as an HTML page reads them, where a namespace is only its usual prefix.

    ElementTree would choose a prefix of its own for links, such as ``ns1``, and a page would draw
    no marker.
    """
    for part in root.iter():
        part.tag = part.tag.removeprefix(f"{{{_SVG}}}")
        if (target := part.attrib.pop(_LINK, None)) is not None:
            part.attrib["xlink:href"] = target
    root.attrib |= {"xmlns": _SVG, "xmlns:xlink": _XLINK}
