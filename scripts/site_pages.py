"""Pages of the site that lie elsewhere in the sources, or are made: MkDocs calls ``on_…``.

What lies at the top of the checkout (the changelog, how to contribute) has its place there, where
people look for it, and is no second time in docs/. The gallery's report is made with the site, so
that it is always one of this version. Links work in both, the checkout and the site.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
# Where a page or file of the site comes from.
ELSEWHERE = {
    **{name: name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md")},
    **{name: name for name in ("CODE_OF_CONDUCT.md", "CITATION.cff")},
    "reference/containers.md": "containers/README.md",
}
REPORT = "gallery/report.html"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; links from the checkout's top into docs/ become links of the site."""
    for target, source in ELSEWHERE.items():
        text = (ROOT / source).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, target, content=text))
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import make_gallery  # noqa: PLC0415  # loads SciPy, which only a build of the site needs
    finally:
        sys.path.pop(0)
    files.append(File.generated(config, REPORT, content=make_gallery.report()))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Lead links from docs/ to what lies beside it to where the site has it."""
    for name in ELSEWHERE:
        markdown = markdown.replace(f"](../{name}", f"]({name}")
    return markdown
