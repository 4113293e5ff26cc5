"""The sources of the methods as BibTeX, and osgrepro itself in the version that computed."""

from __future__ import annotations

from osgrepro.analysis.findings import Findings
from osgrepro.common import shipped

_SELF = """\
@misc{{osgrepro,
  author  = {{{{The osgrepro maintainers}}}},
  title   = {{osgrepro: reproducibility of deep learning on heterogeneous HTCondor pools}},
  note    = {{Version {version}}}
}}
"""


def bibtex(findings: Findings) -> str:
    """Return entries for osgrepro in the version of ``findings``, its study, and its methods.

    The keys are those of :class:`~osgrepro.report.methods.Method`.
    """
    sources = (shipped.folder("templates") / "report" / "sources.bib").read_text("utf-8")
    return f"{_SELF.format(version=findings.versions.get('osgrepro', ''))}\n{sources}"
