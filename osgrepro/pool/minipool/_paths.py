"""Every path of a pool's folder, and the pool's identity, which follows from that folder."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import platformdirs


@dataclass(frozen=True, slots=True)
class PoolPaths:
    """The folder of one pool; two folders are two pools."""

    directory: Path

    @property
    def pool_id(self) -> str:
        """Return the pool's short name, which anybody can work out."""
        return hashlib.sha256(str(self.directory).encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """Return the pool's name, also its domain of users."""
        return f"osgrepro-{self.pool_id[:8]}"

    @property
    def state(self) -> Path:
        """Return the file that says what runs; absent while the pool is down."""
        return self.directory / "pool.json"

    @property
    def mark(self) -> Path:
        """Return the file of the secret that marks the processes of the pool's present life."""
        return self.directory / "mark.json"

    @property
    def exposed(self) -> Path:
        """Return the list of host folders that the pool's daemons see."""
        return self.directory / "exposed.json"

    @property
    def config(self) -> Path:
        """Return the daemons' configuration."""
        return self.directory / "condor_config"

    @property
    def client_config(self) -> Path:
        """Return the clients' configuration (CONDOR_CONFIG)."""
        return self.directory / "client_config"

    @property
    def client_tokens(self) -> Path:
        """Return the folder of the token that lets the submitting user in."""
        return self.directory / "client-tokens.d"

    @property
    def tokens(self) -> Path:
        """Return the folder of the same token for commands run as the daemons' user."""
        return self.directory / "tokens.d"

    @property
    def keys(self) -> Path:
        """Return the folder of the key that signs tokens."""
        return self.directory / "passwords.d"

    @property
    def log(self) -> Path:
        """Return the folder of the daemons' logs."""
        return self.directory / "log"

    @property
    def spool(self) -> Path:
        """Return the schedd's folder; kept when the pool goes down, so that jobs stay queued."""
        return self.directory / "spool"

    @property
    def execute(self) -> Path:
        """Return the folder of the jobs' scratch folders."""
        return self.directory / "execute"

    @property
    def gpus(self) -> Path:
        """Return the folder that tells of GPUs which are advertised and not there."""
        return self.directory / "gpus"

    @property
    def short_runtime(self) -> Path:
        """Return a folder for sockets whose name is short; used without a root of its own."""
        return Path(tempfile.gettempdir()) / f"osgrepro-{os.geteuid()}-{self.pool_id[:8]}"


def default_directory() -> Path:
    """Return this installation's pool folder: OSGREPRO_POOL_DIR, or below the user's state."""
    if chosen := os.environ.get("OSGREPRO_POOL_DIR"):
        return Path(chosen).absolute()
    package = str(Path(str(resources.files("osgrepro"))).resolve())
    digest = hashlib.sha256(package.encode()).hexdigest()[:8]
    return platformdirs.user_state_path("osgrepro") / "pools" / digest
