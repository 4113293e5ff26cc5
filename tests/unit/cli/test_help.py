"""What osgrepro says of itself: help as it is written, and the pages that hints lead to."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hostile
import pytest
import typer

import osgrepro as package
from osgrepro.cli import verbs
from osgrepro.cli.app import app
from osgrepro.common import shipped
from osgrepro.workflow import topics

PACKAGE = Path(package.__file__).parent


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with the words that call it."""

    def walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield words, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk((*words, name), inner)

    yield from walk((), typer.main.get_command(app))


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Return every text in the code that is no docstring, with its place."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in docstrings:
                found.append((f"{path.relative_to(PACKAGE)}:{node.lineno}", str(node.value)))
    return tuple(found)


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=" ".join)
def test_every_command_says_what_is_written_of_it(osgrepro: Any, words: tuple[str, ...]) -> None:
    command = dict(commands())[words]
    said = osgrepro(*words, "--help")
    assert (said.code, said.err) == (0, "")
    assert hostile.harmless(said.out)
    told = hostile.dense(said.out)
    written = [command.help, *(getattr(one, "help", None) for one in command.params)]
    for text in filter(None, written):
        assert hostile.dense(text.split("\f")[0]) in told
    assert max(map(len, said.out.splitlines())) <= 80


def test_brackets_in_help_are_brackets(osgrepro: Any) -> None:
    assert "Write [[hardware]] tables" in osgrepro("hardware", "propose", "--help").out
    assert "Write [[hardware]] tables" in osgrepro("hardware", "--help").out


def test_the_list_of_commands_says_the_whole_sentence(osgrepro: Any) -> None:
    for group in ((), ("hardware",), ("pool",), ("twin",)):
        assert "..." not in osgrepro(*group, "--help").out.replace("[ARGS]...", "")


def test_every_topic_is_listed_and_printed_as_it_is(osgrepro: Any) -> None:
    listed = osgrepro("help")
    assert listed.code == 0
    docs = shipped.folder("docs")
    pages = {
        path.parent.name if path.stem == "index" else path.stem
        for path in docs.rglob("*.md")
        if path != docs / "index.md"
    }
    assert set(topics.topics()) == {*pages, "containers"}
    for name, topic in topics.topics().items():
        assert re.search(rf"^{re.escape(name)} +{re.escape(topic.title)}", listed.out, re.M)
        said = osgrepro("help", name)
        assert (said.code, said.out) == (0, topic.text())


def test_what_is_no_topic_is_said(osgrepro: Any) -> None:
    said = osgrepro("help", "campain")
    assert (said.code, said.out) == (2, "")
    assert "campain: no such topic; did you mean 'campaign'?" in said.err


def test_no_hint_leads_to_a_file_that_only_the_sources_have() -> None:
    found = [(place, text) for place, text in texts() if re.search(r"\bdocs/|README", text)]
    own = {"README.md", "README", "crate/README.md.j2"}  # of a crate, and of the catalogue
    assert [(place, text) for place, text in found if text not in own] == []


def test_every_topic_that_a_hint_names_is_one() -> None:
    named = {
        topic for _, text in texts() for topic in re.findall(r"osgrepro help ([a-z][a-z-]*)", text)
    }
    assert named >= {"campaign", "twin", "containers"}
    assert named <= set(topics.topics())


def test_help_waits_for_no_analysis() -> None:
    asked = (
        "import sys; from osgrepro import cli; "
        "print([name for name in ('pandas', 'scipy', 'matplotlib') if name in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", asked], check=True, capture_output=True, text=True
    ).stdout
    assert loaded.strip() == "[]"


def test_the_list_says_of_each_command_what_the_command_says() -> None:
    group = typer.main.get_command(app)
    context: Any = typer.Context(group, info_name="osgrepro")
    for name, (_, sentence) in verbs.VERBS.items():
        assert group.get_command(context, name).short_help == sentence, name


def test_the_list_of_commands_imports_none_of_them() -> None:
    """What is heavy is imported by those commands that need it."""
    program = (
        "import sys; from osgrepro.cli.app import app; app(['--help'], standalone_mode=False); "
        "print(sorted({'pyarrow', 'pandas', 'scipy', 'htcondor2', 'jinja2'} & set(sys.modules)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines()[-1] == "[]"
