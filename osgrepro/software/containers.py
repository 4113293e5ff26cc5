"""A software environment, as its folder of the catalogue describes it.

Made by ``catalogue``; locks, builds and commands read it.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from osgrepro.common.models import NAME_PATTERN
from osgrepro.software import lockfile
from osgrepro.software.base_images import Base, DockerBase, Frozen

# Like the words of a base, these leave neither a definition file nor a command line.
Version = Annotated[str, Field(pattern=r"^\d+(\.\d+){1,3}([a-z0-9.+-]*)$")]
Line = Annotated[str, Field(pattern=r"^[^{}\x00-\x1f\x7f-\x9f\u2028\u2029]+$")]
Requirement = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[\w,-]+\])?[\w.!=<>~,+*-]*$")
]

Backend = Literal["tensorflow", "jax", "torch"]
BACKENDS: tuple[Backend, ...] = get_args(Backend)


class Container(Frozen):
    """One software environment of the catalogue.

    One of ``tensorflow``, ``jax`` and ``torch`` is given, or none where there is no framework, and
    ``keras`` where it is there. ``lock`` is the text of its ``requirements.txt``, the hash-locked
    closure of ``requirements``; both are empty where the base already holds everything.
    """

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    why: Line
    tensorflow: Version | None = None
    jax: Version | None = None
    torch: Version | None = None
    keras: Version | None = None
    python: Annotated[str, Field(pattern=r"^3\.\d+\.\d+$")]
    cuda: Version | None = None
    cudnn: Version | None = None
    base: Base
    requirements: tuple[Requirement, ...] = ()
    lock: str = ""

    @property
    def backend(self) -> Backend | None:
        """The framework that computes, under Keras or alone; None where there is none."""
        return next((name for name in BACKENDS if getattr(self, name) is not None), None)

    @property
    def framework(self) -> str | None:
        """The version of the backend."""
        return getattr(self, self.backend) if self.backend else None

    @property
    def declared(self) -> dict[str, str]:
        """The versions of framework and Keras, as far as they are given."""
        given = {name: getattr(self, name) for name in (*BACKENDS, "keras")}
        return {name: version for name, version in given.items() if version is not None}

    @property
    def base_pinned(self) -> bool | None:
        """Whether a registry's base is named by its digest; None where the base is made here."""
        return self.base.digest is not None if isinstance(self.base, DockerBase) else None

    @property
    def glibc(self) -> str:
        """The C library that wheels have to fit; empty where there are none to install."""
        return self.base.glibc or ""

    @property
    def lock_header(self) -> str:
        """The first line of a lock of these parameters."""
        return lockfile.header(self.requirements, python=self.python, glibc=self.glibc)
