"""What computes: TensorFlow, PyTorch or JAX, each with its Keras, where there is one.

One small module for each; everything that differs between them stands there, and only there.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from typing import Any, Dict, Iterator, List, Mapping, Optional, Union

from ..faults import InputError, SlotError
from .base import DETERMINISM, Backend
from .jax import Jax
from .tensorflow import TensorFlow
from .torch import Torch

__all__ = [
    "DETERMINISM",
    "NONE",
    "Backend",
    "check",
    "environment",
    "in_image",
    "installed",
    "keras",
    "load",
    "module",
    "named",
    "names",
    "present",
]

_KNOWN = {backend.name: backend for backend in (TensorFlow, Torch, Jax)}
# What an experiment says that osgrepro shall neither import nor seed any of them for.
NONE = "none"


def names() -> List[str]:
    """Return what an experiment may name."""
    return [*_KNOWN, NONE]


def named(environ: Mapping[str, str]) -> str:
    """Return the framework's name: KERAS_BACKEND's, else the first that is in the image.

    An image without any is as one with TensorFlow: whoever needs it is told that it isn't there.
    """
    return environ.get("KERAS_BACKEND") or next(iter(installed()), TensorFlow.name)


def installed() -> List[str]:
    """Return the names of the frameworks that are in the image; nothing is imported."""
    return [name for name, backend in _KNOWN.items() if _is_there(backend.packages[0])]


def environment(
    environ: Mapping[str, str],
    threads: Union[str, int],
    asked: Optional[str] = None,
    determinism: str = "on",
) -> Dict[str, str]:
    """Return the variables that must be set before the framework is imported.

    ``asked`` is the framework that the experiment names, if it does.
    """
    if asked == NONE:
        return {}
    name = asked or named(environ)
    own = _KNOWN[name].environment(environ, threads, determinism) if name in _KNOWN else {}
    return {"KERAS_BACKEND": name, **own}


def check(asked: Optional[str]) -> None:
    """Refuse a framework that the experiment names and that is not in the image.

    Raises
    ------
    InputError
        Naming what the image has.
    """
    has = installed()
    if asked is not None and asked != NONE and asked not in has:
        rest = " and ".join(has) if has else "no framework that osgrepro knows"
        raise InputError(
            f"framework: the image has no {asked}, it has {rest}: name what it has, or an image "
            f"with {asked}"
        )


def load(
    environ: Mapping[str, str], *, needed: bool, asked: Optional[str] = None
) -> Optional[Backend]:
    """Import and return the framework, or None where the image has none and it is not needed.

    Parameters
    ----------
    environ : mapping
        The process's environment.
    needed : bool
        Whether the experiment needs Keras, which else is imported where it is there.
    asked : str, optional
        The framework that the experiment names.

    Raises
    ------
    InputError
        If one that was asked for is not there, or it is needed and the image's KERAS_BACKEND is
        not one that the payload knows.
    SlotError
        If it doesn't import, or is needed and not there.
    """
    check(asked)
    name = asked or named(environ)
    if name not in _KNOWN:
        if needed:
            raise InputError(f"KERAS_BACKEND: {name!r} is not one of {', '.join(_KNOWN)}")
        return None
    backend = _KNOWN[name]
    missing = [package for package in backend.packages if not _is_there(package)]
    if missing and needed:
        raise SlotError(f"the image has no {' and no '.join(missing)}")
    if backend.packages[0] in missing:
        return None
    try:
        modules = [importlib.import_module(p) for p in backend.packages if p not in missing]
        return backend.around(modules[0]) if missing else backend(*modules)
    except Exception as error:
        raise SlotError(
            f"{backend.title} can't be imported: {type(error).__name__}: {error}"
        ) from error


def module(name: str) -> Any:
    """Return a framework of the image, whichever computes.

    Raises
    ------
    InputError
        If it is not in the image.
    """
    check(name)
    return importlib.import_module(_KNOWN[name].packages[0])


def _is_there(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def present(modules: Mapping[str, Any] = sys.modules) -> List[Backend]:
    """Return the frameworks that this process imported, whoever did it; nothing is imported."""
    return [
        backend.around(modules[backend.packages[0]])
        for backend in _KNOWN.values()
        if _whole(modules.get(backend.packages[0]))
    ]


def _whole(module: Any) -> bool:
    """Whether an import came to its end; one that failed may leave a part."""
    spec = getattr(module, "__spec__", None)
    return module is not None and not getattr(spec, "_initializing", False)


def in_image(environ: Mapping[str, str]) -> Iterator[Backend]:
    """Import every framework of the image, the named one first; one that can't be is left out."""
    first = named(environ)
    for name in sorted(_KNOWN, key=lambda name: name != first):
        package = _KNOWN[name].packages[0]
        if not _is_there(package):
            continue
        with contextlib.suppress(Exception):
            yield _KNOWN[name].around(importlib.import_module(package))


def keras(environ: Mapping[str, str] = os.environ) -> Any:
    """Return the image's Keras, which stands on the backend.

    Raises
    ------
    InputError, SlotError
        As :func:`load` where the backend is needed.
    """
    backend = load(environ, needed=True)
    return None if backend is None else backend.keras
