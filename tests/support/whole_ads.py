"""Whole machine ads, ClassAd expressions and event logs, and what may be wrong with them."""

from __future__ import annotations

import json
from typing import Any

import job_log
import machine_ads
from hypothesis import strategies as st
from mutations import ODD, as_json, deepened, garbled, mutated

_NAMES = ("CpuFamily", "Microarch", "TARGET.Cpus", "MY.a", "GPUs_DeviceName", "has_avx", "Nowhere")
_LITERALS = ("true", "23", "2.5e300", '"x86_64-v3"', "undefined", "error", "{1, 2}", "[a = 1]")
_OPERATORS = ("==", "=?=", "<", "&&", "||", "+", "/", "%")
_CALLS = ("regexp({0}, {1})", "ifThenElse({0}, {1}, 1)", "isUndefined({0} ?: ({1}))", "int({0})")

EXPRESSIONS: st.SearchStrategy[str] = st.recursive(
    st.sampled_from(_NAMES) | st.sampled_from(_LITERALS),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(_OPERATORS), inner),
        st.builds(lambda call, *own: call.format(*own), st.sampled_from(_CALLS), inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=6,
)


@st.composite
def broken_expression(draw: st.DrawFn) -> str:
    """Draw an expression that mostly is none."""
    text = draw(EXPRESSIONS | ODD.filter(lambda value: isinstance(value, str)))
    changed = draw(garbled(text.encode("utf-8", "surrogatepass")))
    return deepened(changed, b"(").decode("utf-8", "replace")


ADS: st.SearchStrategy[list[dict[str, Any]]] = st.builds(
    lambda count, seed: list(machine_ads.pool(count, seed)), st.integers(1, 4), st.integers(0, 99)
)


def long_form(ads: list[dict[str, Any]]) -> str:
    """Return ads as ``condor_status -l`` writes them."""
    return "\n".join(
        "".join(f"{name} = {_literal(value)}\n" for name, value in ad.items()) for ad in ads
    )


def _literal(value: Any) -> str:
    if isinstance(value, list):
        return f"{{ {', '.join(map(_literal, value))} }}"
    if isinstance(value, dict):
        inside = (f"{key} = {_literal(item)}" for key, item in value.items())
        return f"[ {'; '.join(inside)} ]"
    return json.dumps(value, ensure_ascii=False)


@st.composite
def broken_ads(draw: st.DrawFn) -> bytes:
    """Draw a file of machine ads, in one of its forms, that is mostly wrong somewhere."""
    ads = draw(mutated({"ads": draw(ADS)}))
    form = draw(st.sampled_from(["json", "lines", "long"]))
    listed = ads.get("ads", ads)
    if form == "json" or not isinstance(listed, list):
        return draw(garbled(as_json(listed)))
    if form == "lines":
        return draw(garbled(b"\n".join(map(as_json, listed))))
    whole = [ad for ad in listed if isinstance(ad, dict)]
    if whole and draw(st.booleans()):
        whole[0] = {**whole[0], "Cpus": 1, "CpuFamily": draw(st.just(2**63) | st.integers())}
    text = long_form(whole)
    if draw(st.booleans()):
        text += f"Cpus = {draw(broken_expression())}\n"
    return draw(garbled(text.encode("utf-8", "surrogatepass")))


# What HTCondor writes behind the first lines of an event that ends an attempt.
_USAGE = "".join(
    f"\t\tUsr 0 00:00:00, Sys 0 00:00:00  -  {what} Usage\n"
    for what in ("Run Remote", "Run Local", "Total Remote", "Total Local")
)
_BYTES = "".join(f"\t0  -  {what} By Job\n" for what in ("Run Bytes Sent", "Run Bytes Received"))
_EVENTS = (
    job_log.SUBMITTED,
    job_log.START.format(proc=1, machine="host"),
    *(
        event.replace("\n...\n", f"\n{_USAGE}{_BYTES}...\n")
        for event in (
            job_log.EVICTED.replace("(0) CPU times", "(0) Job was not checkpointed."),
            job_log.ENDED.format(code=0),
            job_log.SIGNALLED.replace("signal 9)\n", "signal 9)\n\t(0) No core file\n"),
        )
    ),
    job_log.HELD.format(code=26, subcode=0),
    job_log.RELEASED,
)
LOGS: st.SearchStrategy[list[str]] = st.lists(st.sampled_from(_EVENTS), min_size=1, max_size=8)


@st.composite
def broken_log(draw: st.DrawFn) -> bytes:
    """Draw an event log that mostly is damaged."""
    text = "".join(draw(LOGS))
    if draw(st.booleans()):
        odd = draw(ODD.map(str))
        old = draw(st.sampled_from(["2026-11-27", "004", "Machine", "host", "(0)", "Code"]))
        text = text.replace(old, odd, draw(st.integers(1, 3)))
    return draw(garbled(text.encode("utf-8", "surrogatepass")))
