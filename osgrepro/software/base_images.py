"""The kinds of base that an image is made of: the words of ``[base]`` in ``container.toml``.

Another kind of base is another class here, and a branch wherever the union is asked for its kind.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# These words go into a definition file and into command lines; their alphabets can leave neither.
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]*$")]
Reference = Annotated[str, Field(pattern=r"^[a-z0-9][A-Za-z0-9._/:-]*$")]
Glibc = Annotated[str, Field(pattern=r"^2\.\d+$")]


class Frozen(BaseModel):
    """What a file of the catalogue says: strictly, and without other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class DebianBase(Frozen):
    """A minimal Debian of one suite, made on this machine from its own mirror."""

    kind: Literal["debian"]
    suite: Word
    glibc: Glibc
    packages: Annotated[tuple[Word, ...], Field(min_length=1)]

    @property
    def words(self) -> str:
        """What it is, for people."""
        return f"Debian {self.suite}"


class DockerBase(Frozen):
    """An image of a registry, by its tag and, when it is known, by its digest.

    ``packages`` are added with the image's own package manager, apt; ``glibc`` is the C library
    that the wheels of a lock have to fit.
    """

    kind: Literal["docker"]
    reference: Reference
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    packages: tuple[Word, ...] = ()
    glibc: Glibc | None = None

    @property
    def words(self) -> str:
        """What it is, for people, and whether it can come to mean other bytes."""
        pinned = self.digest or "by its tag: not pinned"
        return f"docker://{self.reference} ({pinned})"


# Any of the kinds, told apart by the word ``kind``.
Base = Annotated[DebianBase | DockerBase, Field(discriminator="kind")]
