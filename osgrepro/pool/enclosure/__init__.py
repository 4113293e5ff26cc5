"""Where HTCondor's and Apptainer's commands run: here, or in a root file system of its own.

The one door of the package. ``provide`` finds or provisions it, ``here`` says whether
it is there without making anything, ``mirror`` where Debian packages come from.
"""

from __future__ import annotations

from osgrepro.pool.enclosure.debian_mirror import mirror
from osgrepro.pool.enclosure.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.enclosure.tools import here, provide

__all__ = ["NativeEnclosure", "RootEnclosure", "here", "mirror", "provide"]
