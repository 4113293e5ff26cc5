"""Pages for readers: words that screens use are in the glossary, messages are those of the code."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import get_args

from paths import ROOT

from osgrepro.analysis.findings import Grade
from osgrepro.common.models import RunState
from osgrepro.payload import faults
from osgrepro.report.summary import _COLUMNS

GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
TROUBLES = ROOT / "docs" / "howto" / "troubleshooting.md"


def cells(text: str) -> list[list[str]]:
    """Return the rows of all tables, without their heads; `\\|` separates nothing."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    rows = [re.split(r" \| ", line.strip("| ")) for line in lines]
    return [row for row in rows if not set(row[0]) <= set("- ") and row[0] not in HEADS]


HEADS = ("word", "message", "reason", "code")


@cache
def glossary() -> set[str]:
    """Return the words that the glossary has."""
    terms = (row[0] for row in cells(GLOSSARY.read_text()))
    split = (re.split(r", ", re.sub(r" \(.*?\)", "", term)) for term in terms)
    return {word.strip("` ") for words in split for word in words}


@cache
def constants() -> tuple[str, ...]:
    """Return every text of the package; what is filled in is `…`."""
    found = []
    for path in (ROOT / "osgrepro").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = node.values
                found.append(
                    "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return tuple(found)


def said(message: str) -> bool:
    """Whether the code says so: each of its fixed parts, in one text."""
    parts = [part.strip(" :;") for part in message.split("…") if part.strip(" :;().?")]
    return any(all(part in text for part in parts) for text in constants())


def test_the_glossary_has_the_words_of_the_screens() -> None:
    assert {state.value for state in RunState} <= glossary()
    assert set(get_args(Grade)) <= glossary()
    columns = {re.sub(r",.*", "", name) for name in _COLUMNS} - {"software"}
    assert columns <= glossary()
    answers = {
        "confirmed",
        "refuted",
        "not emulable",
        "not ready",
        "not tried",
        "tied",
        "nondeterministic",
        "starved",
    }
    assert answers | {"yes", "partly", "no", "not assessable", "provisioned CPUs"} <= glossary()
    assert {"8 labs", "Wilks", "Good-Turing", "Chao1", "emulable"} <= glossary()


# Words that mean what they mean elsewhere.
EVERYDAY = frozenset(
    [
        *(
            "A",
            "AVX",
            "B",
            "CPU",
            "CPU, GPU",
            "GPU",
            "MB",
            "analysed as",
            "answer",
            "as",
            "built",
            "by",
        ),
        *(
            "content",
            "data",
            "entry",
            "hardware",
            "software",
            "exception",
            "execution point",
            "framework",
            "gpus",
        ),
        *("image", "is", "is about", "job", "last run", "machine", "MB memory", "method"),
        *("name", "package", "params", "primary metric", "python", "reason", "result"),
        *("sha256", "stage", "staged at", "state", "such as", "such as job", "such as run"),
        *("topic", "value", "was", "what", "what else differs", "what to do", "why"),
        "would submit: cluster",
    ]
)


def headings() -> set[str]:
    """Return the headings of all tables that commands and reports show."""
    found: set[str] = set()
    for folder in ("cli", "report"):
        for path in (ROOT / "osgrepro" / folder).glob("*.py" if folder == "report" else "**/*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                found |= _headings(node, folder)
    return found


def _headings(node: ast.AST, folder: str) -> set[str]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "console.table":
        inside: list[ast.expr] = node.args
    elif folder == "report" and isinstance(node, ast.Assign):
        named = "columns" in ast.unparse(node.targets[0]).lower()
        inside = [node.value] if named else []
    else:
        return set()
    return {
        one.value
        for each in inside
        for one in ast.walk(each)
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    }


def test_every_heading_of_a_table_is_in_the_glossary_or_everyday() -> None:
    known = glossary() | EVERYDAY
    shown = {re.sub(r", 95 %$", "", heading) for heading in headings()}
    assert len(shown) > 50
    unknown = {one for one in shown if one not in known and one.removesuffix("s") not in known}
    assert unknown == set()


def test_no_word_of_the_glossary_stands_there_twice() -> None:
    terms = [row[0] for row in cells(GLOSSARY.read_text())]
    assert len(terms) > 100
    assert len(set(terms)) == len(terms)


def test_every_message_of_the_troubleshooting_is_one_of_the_code() -> None:
    quoted = [
        message
        for row in cells(TROUBLES.read_text())
        if not row[0].isdigit()
        for message in re.findall(r"`([^`]+)`", row[0])
    ]
    assert len(quoted) > 70
    elsewhere = ("Unable to locate", "Failed to connect")  # HTCondor's own
    unsaid = [one for one in quoted if one not in elsewhere and not said(one)]
    assert unsaid == []


def test_a_message_that_nobody_says_is_found_out() -> None:
    assert said("the mini-pool is down")
    assert not said("the mini-pool is upside down")


def test_the_exit_codes_are_the_payloads() -> None:
    told = {int(row[0]) for row in cells(TROUBLES.read_text()) if row[0].isdigit()}
    known = {one.exit_code for one in (faults.FaultError, *faults.FaultError.__subclasses__())}
    assert told == known
