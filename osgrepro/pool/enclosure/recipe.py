"""What the mini-pool's own root file system is made of, and the command that makes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """A Debian root file system: ``packages`` of ``suite``, and of ``newer`` what ``suite`` lacks.

    Raise ``version`` when the commands below change, so that no old root is taken for the new.
    """

    version: int = 1
    suite: str = "forky"
    newer: str = "sid"
    packages: tuple[str, ...] = (
        *("condor", "apptainer", "squashfuse", "fuse2fs", "uidmap", "squashfs-tools"),
        *("ca-certificates", "debian-archive-keyring", "iproute2", "mmdebstrap", "procps"),
        *("python3-minimal", "util-linux", "xz-utils"),
    )

    @property
    def digest(self) -> str:
        """Return the name of what this recipe makes."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def command(
        self, target: Path, *, mirror: str | None, apt_options: Sequence[str] = ()
    ) -> list[str]:
        """Return the ``mmdebstrap`` call that fills ``target``.

        A mirror may be some weeks old, so the age of its index is no reason to refuse it; its
        signature is checked as ever.
        """
        return [
            *("mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory"),
            '--aptopt=Acquire::Check-Valid-Until "false"',
            '--aptopt=APT::Install-Recommends "false"',
            *(f"--aptopt={option}" for option in apt_options),
            *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("man", "locale", "info")),
            f"--setup-hook={self._setup_hook}",
            "--customize-hook=for f in resolv.conf hosts; do"
            ' rm -f "$1/etc/$f"; : >"$1/etc/$f"; done',
            f"--include={','.join(self.packages)}",
            *(self.suite, str(target)),
            *([f"deb {mirror} {self.suite} main"] if mirror else []),
        ]

    @property
    def _setup_hook(self) -> str:
        # The second source is a copy of the first, so that it also works where mmdebstrap chose it.
        return (
            f"sed -n 's/ {self.suite} main/ {self.newer} main/p' \"$1/etc/apt/sources.list\""
            f' >"$1/etc/apt/sources.list.d/{self.newer}.list"'
            f" && printf 'Package: *\\nPin: release n={self.newer}\\nPin-Priority: 100\\n'"
            f' >"$1/etc/apt/preferences.d/{self.newer}"'
        )
