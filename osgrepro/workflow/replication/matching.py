"""Which emulated cells stand for a remote one: names are matched by what the rows prove.

Hardware: CPU model and threads, as recorded, are those of one machine of the twin. Software: the
same image; a version alone proves none, for builds of one version differ. Experiments: the same
code, parameters and data. Where that can't decide, equal names do, or the user.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from osgrepro.analysis import replication
from osgrepro.analysis.replication import Cell, Counterpart, Row
from osgrepro.common.errors import UsageError, did_you_mean
from osgrepro.hardware.twin import Verdict
from osgrepro.workflow.replication.machine_proof import Match, _contradictions, machine_match

EXPERIMENT, SOFTWARE, HARDWARE = KINDS = ("experiment", "software", "hardware")

# Names on this side, each with what proves that a remote name means it; None where nothing does.
Known = Mapping[str, Mapping[str, Hashable]]
Answers = Mapping[str, Mapping[str, str]]


def known_of(emulated: Iterable[Row]) -> Known:
    """Return the experiments and software of emulated runs."""
    known: dict[str, dict[str, Hashable]] = {EXPERIMENT: {}, SOFTWARE: {}}
    for row in emulated:
        for kind, own in known.items():
            own[str(row[kind])] = proof(kind, row)
    return known


def proof(kind: str, row: Row) -> Hashable:
    """Return what makes a run's experiment or software what it is, or None if it isn't recorded."""
    if kind == SOFTWARE:
        return str(row[replication.IMAGE]) if row[replication.IMAGE] else None
    facts = tuple(row[name] for name in ("code_sha256", "params_json", "data_json"))
    return None if None in facts else facts


def find(
    rows: Iterable[Row],
    known: Known,
    verdicts: Sequence[Verdict] | None,
    names: Sequence[str] = (),
) -> dict[Cell, Counterpart]:
    """Return the counterpart of every remote cell among ``rows`` that has a run that ended well.

    Parameters
    ----------
    rows : iterable of Row
        With the columns of ``replays.MACHINE``; emulated ones are passed over.
    known : Known
        The experiments and software on this side; a kind without any is taken by the same names.
    verdicts : sequence of Verdict, optional
        Of the twin's machines; without them hardware is matched by its name.
    names : sequence of str
        ``REMOTE=HERE``, for what the rows do not prove.

    Raises
    ------
    UsageError
        If one of ``names`` is of no such form, or names nothing.
    """
    cells: dict[Cell, list[Row]] = defaultdict(list)
    for row in rows:
        if row["status"] == "ok" and not replication.emulates(row):
            cells[replication.cell(row)].append(row)
    machines = [verdict.machine.name for verdict in verdicts or ()]
    here: Known = {**known, HARDWARE: dict.fromkeys(machines)}
    answers = _answers(names, cells, here)
    return {cell: _counterpart(cell, own, here, verdicts, answers) for cell, own in cells.items()}


def _counterpart(
    cell: Cell,
    rows: Sequence[Row],
    known: Known,
    verdicts: Sequence[Verdict] | None,
    answers: Answers,
) -> Counterpart:
    experiment, software = (
        _named(kind, cell[place], rows, known.get(kind, {}), answers[kind])
        for place, kind in enumerate((EXPERIMENT, SOFTWARE))
    )
    hardware = machine_match(cell[2], rows, verdicts, answers[HARDWARE])
    matches = (experiment, software, hardware)
    how = tuple(match.how for match in matches if match.how)
    verdict = next(
        (candidate for candidate in verdicts or () if candidate.machine.name == hardware.name),
        None,
    )
    lacking = [match.why for match in matches if match.why and not match.never]
    obstacles = [match.why for match in matches if match.never]
    obstacles += verdict.obstacles if verdict else ()
    cells: list[Cell] = []
    if experiment.name and software.name and hardware.name:
        places = (hardware.name, *_same(verdict, verdicts or ()))
        cells = [(experiment.name, software.name, place) for place in places]
    return Counterpart(
        cells=tuple(cells),
        how=how,
        remarks=tuple(_contradictions(rows, verdict.machine)) if verdict else (),
        borrowed=verdict.differences if verdict else (),
        obstacles=tuple(dict.fromkeys(obstacles)),
        lacking=tuple(dict.fromkeys(lacking)),
    )


def _same(verdict: Verdict | None, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield the other machines that this one stands in for in the very same way."""
    if verdict is None or not verdict.stands_in:
        return
    for candidate in verdicts:
        if candidate != verdict and candidate.stands_in and candidate.emulated == verdict.emulated:
            yield candidate.machine.name


def _named(
    kind: str,
    name: str,
    rows: Sequence[Row],
    known: Mapping[str, Hashable],
    answers: Mapping[str, str],
) -> Match:
    if name in answers:
        return Match(name=answers[name], how=f"{name} is {answers[name]} as told")
    if name in known or not known:
        return Match(name=name)
    proofs = {proof(kind, row) for row in rows}
    own = proofs.pop() if len(proofs) == 1 else None
    same = sorted(
        known_name for known_name, theirs in known.items() if own is not None and theirs == own
    )
    proof_kind = "image" if kind == SOFTWARE else "code, parameters and data"
    if len(same) == 1:
        return Match(name=same[0], how=f"{name} is {same[0]} by {proof_kind}")
    ways = f"`--as {name}=NAME` says which one it is"
    if same:
        return Match(why=f"{kind} {name}: {' and '.join(same)} have the same {proof_kind}; {ways}")
    return Match(why=f"no {kind} here is called {name}, but {', '.join(sorted(known))}; {ways}")


def _answers(terms: Sequence[str], cells: Iterable[Cell], known: Known) -> Answers:
    """Return by kind what the user told of names, each once."""
    remote = {kind: {cell[place] for cell in cells} for place, kind in enumerate(KINDS)}
    answers: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for term in terms:
        theirs, equals, own = term.partition("=")
        if not (equals and theirs and own):
            raise UsageError(f"--as {term}: should be REMOTE=HERE, two names")
        kind = _kind(term, theirs, own, remote, known)
        if answers[kind].setdefault(theirs, own) != own:
            raise UsageError(f"--as {term}: {theirs} is already {answers[kind][theirs]}")
    return answers


def _kind(term: str, theirs: str, own: str, remote: Mapping[str, set[str]], known: Known) -> str:
    kinds = [kind for kind in KINDS if theirs in remote[kind]]
    if not kinds:
        there = sorted(set().union(*remote.values()))
        raise UsageError(
            f"--as {term}: the remote runs have no {theirs}{did_you_mean(theirs, there)}",
            hint=f"there are {', '.join(there)}",
        )
    fitting = [kind for kind in kinds if own in known.get(kind, {}) or not known.get(kind)]
    if len(fitting) > 1:
        raise UsageError(f"--as {term}: may mean {' or '.join(fitting)}")
    if not fitting:
        there = sorted(name for kind in kinds for name in known[kind])
        raise UsageError(
            f"--as {term}: no {kinds[0]} here is {own}{did_you_mean(own, there)}",
            hint=f"there are {', '.join(there)}",
        )
    return fitting[0]
