"""Which machines are of one type: they end alike because they are alike, and count as one draw.

Called wherever classes are dealt out anew. An emulation under a name of its own is of the type that
it copies. Where all machines of each site end alike, a site is one draw, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from osgrepro.analysis.causes.attributes import GPU, HARDWARE, NO_GPU, UNKNOWN
from osgrepro.analysis.statistics.partitions import Codes, canonical, counterexample, joint


def machine_types(values: Mapping[str, Sequence[str]], classes: Codes) -> Codes:
    """Return the type of each machine, numbered by first appearance.

    Machines are of one type where all attributes of their hardware are the same, as far as they
    are known. Of runs on a GPU those of the GPU count: its hosts are one type, whatever their CPUs.
    A type whose machines have several classes is no draw: something else decides there. So hosts of
    a GPU are divided by all their hardware, machines by all attributes, those that an administrator
    changes too, and into single ones where several classes go with the same values of all.

    Parameters
    ----------
    values : mapping of str to sequence of str, length n
        The value of each attribute on each of n machines.
    classes : array of int, shape (n,) or (n, tables)
        The class of each machine, in each table; negative where it has none.

    Notes
    -----
    Whether a set of attributes determines the classes depends on the types and their classes
    alone, not on how many machines each has. So where classes are exchangeable among types, types
    of any sizes can be permuted as units: the restriction to blocks of one size (A. M. Winkler and
    others, NeuroImage 123, 253–268, 2015) is for statistics that depend on the sizes.
    """
    several = classes if classes.ndim > 1 else classes[:, None]
    units = every = np.arange(len(several))
    coarser_last = (
        (values, every),
        ([name for name in values if name in HARDWARE], every),
        ([name for name in values if name in GPU], _on_gpu(values, len(several))),
    )
    for level, (names, there) in enumerate(coarser_last, 1):
        alike = every.copy()
        alike[there] = there[
            _alike([[values[name][place] for place in there] for name in names], len(there))
        ]
        agrees = np.isin(every, there) & _agrees(alike, several)
        units = np.where(agrees, level * len(several) + alike, units)
    return canonical(units)


def with_sites(types: Codes, sites: Sequence[Collection[str]], classes: Codes) -> Codes:
    """Return what one draw is: a type of machine or, where a site decides as well, whole sites.

    If the machines of every site end alike, their classes may be the site's, and so may all that
    goes with it: a kernel, libraries, a hypervisor. Then machines of one site are one draw, with
    those of their types elsewhere. Where two machines of a site end differently it is not the site
    that decides, and types are the draws.

    Parameters
    ----------
    types : array of int, shape (n,)
        The type of each machine.
    sites : sequence of collection of str, length n
        Where each was seen; empty where nobody recorded it.
    classes : array of int, shape (n,) or (n, tables)
        As for :func:`machine_types`.
    """
    names = sorted({name for own in sites for name in own})
    several = classes if classes.ndim > 1 else classes[:, None]
    seen = [(n, names.index(name)) for n, own in enumerate(sites) for name in own]
    of_sites = _linked(len(types), seen)
    if not _agrees(of_sites, several).all():
        return types
    of_types = [(n, len(names) + own) for n, own in enumerate(types.tolist())]
    return canonical(_linked(len(types), [*seen, *of_types]))


def _linked(n: int, seen: Sequence[tuple[int, int]]) -> Codes:
    """Return the group of each of n machines: those of a group share a mark, or marks that do."""
    marks = max((mark for _, mark in seen), default=-1) + 1
    machines, marked = ([pair[end] for pair in seen] for end in (0, 1))
    links = coo_array(
        (np.ones(len(seen)), (machines, [n + mark for mark in marked])), shape=(n + marks,) * 2
    )
    groups: Codes = connected_components(links, directed=False)[1][:n].astype(np.int64)
    return groups


def _on_gpu(values: Mapping[str, Sequence[str]], n: int) -> Codes:
    """Return the places of those of n machines that have a GPU of which anything is known."""
    known = np.zeros(n, dtype=bool)
    for name in GPU & values.keys():
        known |= ~np.isin(np.array(values[name]), (UNKNOWN, NO_GPU))
    return np.flatnonzero(known)


def tells_all_apart(code: Codes, types: Codes) -> bool:
    """Whether machines with one code are all of one type: it would determine any classes."""
    return counterexample(code, types) is None


def _alike(columns: Sequence[Sequence[str]], n: int) -> Codes:
    """Return which of n machines have the same values, as far as they are known.

    Machines of which most is known come first; one that lacks values is of the first type that it
    fits.
    """
    codes = [np.where(np.array(own) == UNKNOWN, -1, canonical(own)) for own in columns]
    if not any((own < 0).any() for own in codes):
        return joint(codes, n)
    table = np.stack(codes, axis=1)
    kinds, number = np.empty_like(table), 0
    alike = np.empty(n, dtype=np.int64)
    for place in np.argsort((table < 0).sum(axis=1), kind="stable").tolist():
        own, known = table[place], kinds[:number]
        fits = ((known == own) | (known < 0) | (own < 0)).all(axis=1)
        kind = int(np.argmax(fits)) if fits.any() else number
        number = max(number, kind + 1)
        kinds[kind] = np.where((own < 0) & (kind < len(known)), kinds[kind], own)
        alike[place] = kind
    return alike


def _agrees(alike: Codes, classes: Codes) -> NDArray[np.bool_]:
    """Return for each machine whether its type has at most one class in each table."""
    highest = np.full((len(alike), classes.shape[1]), -1, dtype=np.int64)
    np.maximum.at(highest, alike, classes)
    differs = ((classes >= 0) & (classes != highest[alike])).any(axis=1)
    agrees: NDArray[np.bool_] = np.bincount(alike, differs, len(alike))[alike] == 0
    return agrees
