"""A program's own process tells what it computed with: loaded at its start, asked at its end.

A ``sitecustomize`` of ours goes before the image's, which is loaded after it as if ours were not
there. At the end it reads what ``trained`` reads, and leaves it in a file. A program that is
killed, or becomes another one, tells nothing: then nothing is claimed.
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping

from ..processes import channel
from ..processes.memory import peak_mb
from . import environment as variables
from . import libraries, trained
from .collector import Collector

_KEPT = "OSGREPRO_PYTHONPATH"
_LARGEST_REPORT = 10_000_000
_START = """
import atexit, os, sys

def _begin(root, package, target, kept):
    here = os.path.dirname(os.path.abspath(__file__))
    before = os.environ.pop(kept, None)
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    pid = os.getpid()

    def report():
        if os.getpid() != pid:
            return
        try:
            top = package.partition(".")[0]
            for name in [n for n in sys.modules if n == top or n.startswith(top + ".")]:
                del sys.modules[name]
            sys.path.insert(0, root)
            import importlib
            importlib.import_module(package + ".provenance.hook").report(target)
        except BaseException:
            pass

    atexit.register(report)
    import importlib.machinery, importlib.util
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize")
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)

"""


def environment(folder: str, report_file: str, environ: Mapping[str, str]) -> Dict[str, str]:
    """Put the hook into ``folder``; return the variables by which Python finds it there."""
    package = __name__.rpartition(".provenance.")[0]
    depth = __name__.count(".") + 1
    root = os.path.abspath(__file__)
    for _ in range(depth):
        root = os.path.dirname(root)
    call = f"_begin({root!r}, {package!r}, {report_file!r}, {_KEPT!r})\n"
    with open(os.path.join(folder, "sitecustomize.py"), "w", encoding="utf-8") as file:
        file.write(_START + call)
    before = environ.get("PYTHONPATH")
    if before is None:
        return {"PYTHONPATH": folder}
    return {"PYTHONPATH": f"{folder}{os.pathsep}{before}" if before else folder, _KEPT: before}


def report(target: str) -> None:
    """Write to ``target`` what this process shows of itself; called at its end."""
    collector = Collector()
    known = trained.frameworks(collector, os.environ)
    channel.merge(known, {"process": collector.section("process", {"peak_memory_mb": peak_mb})})
    known["environment"] = variables.collect(os.environ)
    known["libraries"] = collector.field("libraries", libraries.loaded, [])
    known["errors"] = collector.errors
    with open(target + ".part", "w", encoding="ascii") as file:
        json.dump(known, file, default=str)
    os.replace(target + ".part", target)


def read(path: str) -> Dict[str, Any]:
    """Return what a program left there; nothing where it left nothing, or something else."""
    try:
        if os.path.getsize(path) > _LARGEST_REPORT:
            return {}
        with open(path, encoding="ascii") as file:
            known = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
