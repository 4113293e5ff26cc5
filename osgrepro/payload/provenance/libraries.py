"""The loaded libraries that compute, with the sha256 of each.

Which ones are loaded is read in the training process, at the end of its work. The hashes are made
by the supervisor, while training goes on: a package's own RECORD tells the hash of what it
installed (hundreds of megabytes of TensorFlow), everything else is read.
"""

from __future__ import annotations

import base64
import csv
import glob
import os
import re
from typing import Any, Dict, Iterable, List, Optional, Tuple

from .. import fingerprint

_COMPUTING = re.compile(
    r"(libcudnn|libcublas|libcurand|libcusolver|libcusparse|libcufft|libcudart|libcuda\.|libnccl"
    r"|libopenblas|libscipy_openblas|libblas|libcblas|liblapack|libmkl|libblis|libflexiblas"
    r"|libm\.|libm-|libmvec|libc\.|libc-|libgomp|libiomp|libdnnl|libonednn"
    r"|libtensorflow|_pywrap_tensorflow_internal\.|lib_pywrap_tensorflow_common\."
    r"|libjax_common\.|xla_extension|xla_cuda_plugin\.|pjrt_c_api_gpu_plugin"
    r"|libtorch|libc10|libnvrtc)"
)


def loaded(maps: str = "/proc/self/maps") -> List[str]:
    """Return the paths of the computing libraries that are mapped into this process."""
    with open(maps, encoding="utf-8", errors="replace") as file:
        paths = {line.split(None, 5)[5].strip() for line in file if "/" in line}
    return sorted(path for path in paths if _COMPUTING.match(os.path.basename(path)))


class Hashes:
    """Hashes libraries, each once."""

    def __init__(self) -> None:
        self._known: Dict[str, Dict[str, Any]] = {}
        self._records: Dict[str, Dict[str, Tuple[str, int]]] = {}

    def add(self, paths: Iterable[str]) -> None:
        """Hash those of ``paths`` that are not hashed yet."""
        for path in paths:
            if path not in self._known:
                self._known[path] = self._hashed(path)

    def known(self, paths: Iterable[str]) -> List[Dict[str, Any]]:
        """Return path, sha256 and where it is from, for each of ``paths``."""
        unread = {"sha256": None, "source": None}
        return [{"path": path, **self._known.get(path, unread)} for path in paths]

    def _hashed(self, path: str) -> Dict[str, Any]:
        recorded = self._recorded(path)
        if recorded is not None:
            return {"sha256": recorded, "source": "record"}
        try:
            return {"sha256": fingerprint.file_sha256(path), "source": "file"}
        except OSError:
            return {"sha256": None, "source": None}

    def _recorded(self, path: str) -> Optional[str]:
        """Return the sha256 that the installed package's RECORD has for a file of that size."""
        match = re.match(r"(.*/(?:site|dist)-packages)/(.+)", path)
        if match is None:
            return None
        site, name = match.groups()
        if site not in self._records:
            self._records[site] = _records(site)
        sha256, size = self._records[site].get(name, (None, -1))
        return sha256 if os.path.isfile(path) and os.path.getsize(path) == size else None


def _records(site: str) -> Dict[str, Tuple[str, int]]:
    hashes = {}
    for record in glob.glob(os.path.join(glob.escape(site), "*.dist-info", "RECORD")):
        with open(record, encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                if len(row) == 3 and row[1].startswith("sha256=") and row[2].isdigit():
                    digest = base64.urlsafe_b64decode(row[1][7:] + "=").hex()
                    if _COMPUTING.match(os.path.basename(row[0])):
                        hashes[row[0]] = (digest, int(row[2]))
    return hashes
