"""What entries of a campaign mean that can't be, though each is well-formed; for the reader."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from osgrepro.campaign import allowed_variables
from osgrepro.common.errors import did_you_mean
from osgrepro.common.models import (
    CVMFS,
    DEVICE_PATTERN,
    OSDF,
    REMOTE_IMAGES,
    Alternative,
    Campaign,
    Claim,
    Experiment,
    Hardware,
    Software,
)

CheckExpression = Callable[[str], str | None]

_ENTRY = re.compile(r"experiments\.[A-Za-z_]\w*:[A-Za-z_]\w*\Z")
# A place for a parameter in an argument of a program.
_PARAMETER = re.compile(r"\{params\.([^{}]+)\}")
# What a reader of the file would take for one.
_PLACE = re.compile(r"\{([A-Za-z_][\w.-]*)\}")
_PLACES = ("seed", "repeat")
_SCRIPT = re.compile(r"[\w./-]+\.py\Z")
# What lies in a run's folder besides its own files.
_OURS = ("payload.pyz", "spec.json", "result.json")
_IMAGE_KIND = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://)?")
# What JSON's readers on the slot and here both take to the last digit.
_LARGEST = 2**63


def of_entry(
    table: str, index: int, entry: object, check_expression: CheckExpression
) -> Iterator[str]:
    """Yield what is wrong with a well-formed entry of a table, each with its place."""
    match entry:
        case Experiment():
            for fault in _experiment_faults(entry):
                yield f"{table}[{index}].{fault} ({entry.name})"
        case Hardware():
            for key, fault in _hardware_faults(entry, check_expression):
                yield f"{table}[{index}].{key} ({entry.name}): {fault}"
        case Software():
            for fault in _software_faults(entry):
                yield f"{table}[{index}]{fault}"


def duplicates(names: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield the names that stand twice, by table."""
    for table, given in names.items():
        counts = Counter(name.lower() for name in given)
        for name, count in counts.items():
            if count > 1:
                yield f"{table}: the name {name!r} is there {count} times (case does not count)"


def _hardware_faults(
    hardware: Hardware, check_expression: CheckExpression
) -> Iterator[tuple[str, str]]:
    for key in ("requirements", "proves"):
        expression = getattr(hardware, key)
        wrong = check_expression(expression) if expression is not None else None
        if wrong:
            yield key, wrong
    device = hardware.gpus.device if hardware.gpus else None
    if device is not None and not re.match(DEVICE_PATTERN.replace("$", r"\Z"), device):
        shape = (
            "letters, digits, blanks, '.', '_' and '-'; for several devices, a [[hardware]] for "
            "each"
        )
        yield "gpus.device", f"{device!r} is not a valid device name: {shape}"


def _software_faults(software: Software) -> Iterator[str]:
    if software.container and software.image:
        yield f" ({software.name}): container and image exclude each other"
    if software.sha256 and not software.image:
        yield f".sha256 ({software.name}): is for a finished image"
    if (kind := _IMAGE_KIND.match(software.image or "")) and kind[0] not in REMOTE_IMAGES:
        yield (
            f".image ({software.name}): images by {kind[0]} are not supported; name a SIF file of "
            "this machine, a folder as /cvmfs/…, or an image as osdf://…, docker://… or oras://…"
        )
    if _climbs(software.image or ""):
        yield (
            f".image ({software.name}): {software.image} climbs out of where it begins; name it "
            "without '.' and '..'"
        )
    if kind and kind[0] == OSDF and not (software.image or "").startswith(f"{OSDF}/"):
        below = (software.image or "").removeprefix(OSDF)
        yield f".image ({software.name}): OSDF's names have three slashes: {OSDF}/{below}"
    for fault in allowed_variables.faults(software.environment):
        yield f".{fault} ({software.name})"


def _climbs(image: str) -> bool:
    """Whether the path of an image in CVMFS or OSDF is another than it seems."""
    path = next((image.removeprefix(kind) for kind in (OSDF, CVMFS) if image.startswith(kind)), "")
    return bool({".", ".."}.intersection(path.split("/")))


def _experiment_faults(experiment: Experiment) -> Iterator[str]:
    script = bool(_SCRIPT.match(experiment.entry))
    if not script and not _ENTRY.match(experiment.entry):
        yield (
            f"entry: {experiment.entry!r} is neither experiments.MODULE:FUNCTION "
            "nor the path of a .py file"
        )
    elif script and (experiment.entry.startswith("/") or ".." in experiment.entry.split("/")):
        yield f"entry: {experiment.entry!r} must lie beside the campaign file or below it"
    yield from _value_faults(experiment)
    yield from _framework_faults(experiment, script)
    if experiment.primary not in experiment.metrics:
        meant = did_you_mean(experiment.primary, experiment.metrics)
        yield f"primary: {experiment.primary!r} is not one of metrics{meant}"
    if len(set(experiment.metrics)) < len(experiment.metrics):
        yield "metrics: a name is there twice"
    if not script and (experiment.arguments or experiment.metrics_file):
        yield "arguments and metrics_file are for a script of your own"
    if experiment.metrics_file is not None:
        yield from _metrics_file_faults(experiment, experiment.metrics_file)


def _framework_faults(experiment: Experiment, script: bool) -> Iterator[str]:
    framework, variable = experiment.framework, experiment.environment.get("KERAS_BACKEND")
    if framework == "none" and not script:
        yield 'framework: "none" is for a script of your own: this experiment is written in Keras'
    if framework is not None and variable not in (None, framework):
        yield f"framework: {framework!r}, but environment.KERAS_BACKEND says {variable!r}: name one"
    if experiment.determinism and experiment.metrics_file:
        yield (
            "determinism: is for scripts with run(context); an unchanged program sets its own "
            "switches, so leave it out"
        )


def _metrics_file_faults(experiment: Experiment, name: str) -> Iterator[str]:
    """Yield why the file of the metrics can't be that: an old one is removed before the start."""
    if "/" in name or name in {"", ".", ".."}:
        yield "metrics_file: should be a file name without a folder"
    read = {PurePosixPath(spec.partition("#")[0]).name for spec in experiment.data}
    if name in {PurePosixPath(experiment.entry).name, *_OURS, *read}:
        yield f"metrics_file: {name} is a file that the run itself reads or writes; name another"


def _value_faults(experiment: Experiment) -> Iterator[str]:
    for name, value in experiment.params.items():
        if isinstance(value, float) and not math.isfinite(value):
            yield f"params.{name}: must be a finite number"
        if isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
            yield f"params.{name}: an integer must fit into 64 bits"
    yield from allowed_variables.faults(experiment.environment)
    yield from _argument_faults(experiment)


def _argument_faults(experiment: Experiment) -> Iterator[str]:
    if any("\0" in argument for argument in experiment.arguments):
        yield "arguments: an argument can't contain a NUL"
    known = (*_PLACES, *(f"params.{name}" for name in experiment.params))
    for argument in experiment.arguments:
        for name in _PLACE.findall(argument):
            if name not in _PLACES and not name.startswith("params."):
                meant = did_you_mean(name, known, all_known=True)
                yield f"arguments: {{{name}}} has no meaning{meant}"
        for name in _PARAMETER.findall(argument):
            if name not in experiment.params:
                meant = did_you_mean(name, tuple(experiment.params))
                yield f"arguments: {{params.{name}}}: there is no such parameter{meant}"


def of_claims(campaign: Campaign) -> Iterator[str]:
    """Yield what claims say of experiments and metrics that there are not."""
    known = {experiment.name: experiment.metrics for experiment in campaign.experiments}
    for index, claim in enumerate(campaign.claims):
        for key, fault in _faults_of(claim, known):
            yield f"claim[{index}].{key} ({claim.name}): {fault}"
        for number, alternative in enumerate(claim.alternatives):
            for key, fault in _faults_of_alternative(claim, alternative, known):
                yield f"claim[{index}].alternatives[{number}]{key} ({claim.name}): {fault}"


def _faults_of(claim: Claim, known: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    for key, name in (("a", claim.a), ("b", claim.b)):
        if name is not None and name not in known:
            yield key, f"no experiment is named {name!r}{did_you_mean(name, known)}"
        elif name is not None and claim.metric not in known[name]:
            meant = did_you_mean(claim.metric, known[name])
            yield "metric", f"{name} has no {claim.metric!r}{meant}"
    if claim.a == claim.b:
        yield "b", f"is {claim.a} as well; a claim compares two experiments"
    if claim.below and claim.b is not None:
        yield "below", "is for a claim without b; swap a and b instead"
    if not math.isfinite(claim.delta):
        yield "delta", "must be a finite number"
    if claim.test == "mcnemar" and (claim.b is None or claim.delta != 0):
        yield "test", "compares a with b on the same items: it needs b, and a delta of 0"
    yield from _faults_of_equivalence(claim)


def _faults_of_equivalence(claim: Claim) -> Iterator[tuple[str, str]]:
    if claim.test == "equivalence":
        if claim.margin is None:
            yield "margin", "missing; equivalence needs how far apart is still the same"
        if claim.below:
            yield "below", 'is for other tests; with test = "equivalence" there is no direction'
    elif claim.margin is not None:
        yield "margin", 'is for test = "equivalence"; other tests have delta'
    if claim.margin is not None and not _is_margin(claim.margin):
        yield "margin", _POSITIVE


_POSITIVE = "must be a finite number above 0, in the metric's unit"


def _is_margin(margin: float) -> bool:
    return math.isfinite(margin) and margin > 0


def _faults_of_alternative(
    claim: Claim, alternative: Alternative, known: Mapping[str, Collection[str]]
) -> Iterator[tuple[str, str]]:
    if alternative == Alternative():
        yield "", "says nothing that the claim doesn't"
    for name in dict.fromkeys((claim.a, claim.b)):
        if (
            name
            and alternative.metric
            and alternative.metric not in known.get(name, (alternative.metric,))
        ):
            yield ".metric", f"{name} has no {alternative.metric!r}"
    if alternative.delta is not None and not math.isfinite(alternative.delta):
        yield ".delta", "must be a finite number"
    delta = claim.delta if alternative.delta is None else alternative.delta
    if alternative.test == "mcnemar" and (claim.b is None or alternative.baseline or delta != 0):
        yield ".test", "compares a with b on the same items: it needs b, and a delta of 0"
    yield from _faults_of_another_equivalence(claim, alternative)


def _faults_of_another_equivalence(
    claim: Claim, alternative: Alternative
) -> Iterator[tuple[str, str]]:
    own, equivalence_asked = (asked.test == "equivalence" for asked in (claim, alternative))
    if alternative.margin is not None:
        if not own or alternative.baseline:
            yield ".margin", 'is for a claim with test = "equivalence"'
        elif not _is_margin(alternative.margin):
            yield ".margin", _POSITIVE
    if alternative.baseline and equivalence_asked:
        yield ".test", "must be another test: whether a is better is not a question of equivalence"
    elif alternative.test is not None and not alternative.baseline and own != equivalence_asked:
        yield ".test", "asks for another claim: being equivalent is not being greater"
