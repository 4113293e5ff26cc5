"""What the process that trained shows at its end: frameworks, seeds, pools, use of a GPU.

Nothing is imported and no computation is started: a run that was looked at has the numbers of a
bare one. Called in the training process, and by the hook (``hook``) in the process of a program.
"""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Dict, List, Mapping, Optional

from .. import backends
from ..backends import Backend
from . import files, framework, threads
from .collector import Collector

_GPU_FILE = re.compile(r"/dev/(nvidia\d+|kfd|dxg)\b")


def frameworks(
    collector: Collector, environ: Mapping[str, str], own: Optional[Backend] = None
) -> Dict[str, Any]:
    """Return what is known of the frameworks that this process imported.

    Parameters
    ----------
    collector : Collector
        Takes what can't be read.
    environ : mapping
        The process's environment.
    own : Backend, optional
        The one that osgrepro imported and seeded itself.

    Returns
    -------
    dict
        ``seeding``, ``gpu_used``, and of the framework that computed ``framework`` and ``threads``.
    """
    imported = [
        backend for backend in backends.present() if own is None or backend.name != own.name
    ]
    computing = [] if own is None else [own]
    computing += [b for b in imported if collector.field(f"framework.{b.name}", b.computed, False)]
    known: Dict[str, Any] = {
        "seeding": seeding(collector, computing),
        "gpu_used": gpu_used(collector, computing),
    }
    if computing:
        known["threads"] = threads.pools(collector, computing[0], environ)
    if own is None and computing:
        known["framework"] = framework.plain(collector, computing[0])
    return known


def seeding(collector: Collector, computing: List[Backend]) -> Dict[str, Any]:
    """Return the section ``seeding``: of several frameworks the one that was not seeded counts."""
    section: Dict[str, Any] = {
        "python": None,
        "numpy": collector.field("seeding.numpy", numpy_seeded),
        "framework": None,
        "name": computing[0].name if computing else None,
        "seed": None,
    }
    for backend in computing:
        seeded, seed = collector.field("seeding.framework", backend.seeded, (None, None))
        if backend is computing[0] or seeded is False:
            section.update(framework=seeded, name=backend.name, seed=seed)
        if seeded is False:
            break
    return section


def numpy_seeded(modules: Mapping[str, Any] = sys.modules) -> Optional[bool]:
    """Whether NumPy's global random numbers were seeded; None where none was drawn.

    A bit generator keeps the entropy that it was made from, until somebody seeds it.
    """
    numpy = modules.get("numpy")
    if numpy is None:
        return None
    generator = numpy.random.mtrand._rand._bit_generator
    entropy = getattr(generator, "seed_seq", getattr(generator, "_seed_seq", None))
    if entropy is None:
        return True
    now, fresh = (g.state["state"] for g in (generator, numpy.random.MT19937(entropy)))
    drew = now["pos"] != fresh["pos"] or bool((now["key"] != fresh["key"]).any())
    return False if drew else None


def gpu_used(collector: Collector, computing: List[Backend], root: str = "/") -> Optional[bool]:
    """Whether this process computed on a GPU; None where nothing tells.

    A framework knows by itself; of any other library an open device of the driver's tells.
    """
    answers = [collector.field("gpu_used", backend.used_gpu) for backend in computing]
    if True in answers or collector.field("gpu_used", lambda: holds_gpu(root), False):
        return True
    return False if answers and None not in answers else None


def holds_gpu(root: str = "/") -> bool:
    """Whether this process has a GPU's device open, or in its memory."""
    folder = os.path.join(root, "proc/self/fd")
    for name in files.entries(folder):
        try:
            if _GPU_FILE.match(os.readlink(os.path.join(folder, name))):
                return True
        except OSError:
            continue
    maps = files.text_or_none(os.path.join(root, "proc/self/maps")) or ""
    return bool(_GPU_FILE.search(maps))
