"""Texts of others: shown as one harmless line, exact in JSON, one word for a shell."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common import texts

ANY = st.text(st.characters(exclude_categories=()))


@given(ANY)
def test_what_is_visible_is_one_harmless_line_and_stays_what_it_is(text: str) -> None:
    seen = texts.visible(text)
    assert seen.isprintable()
    assert texts.visible(seen) == seen
    assert seen == hostile.shown(text)


@given(ANY, st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_json_is_exact_and_harmless(text: str, encoding: str) -> None:
    told = texts.in_json(json.dumps({text: [text]}, ensure_ascii=False, indent=1), encoding)
    told.encode(encoding)
    assert hostile.harmless(told)
    assert json.loads(told) == {text: [text]}


@pytest.mark.parametrize("name", hostile.TEXTS)
def test_a_command_can_be_pasted_whatever_its_words_are(name: str) -> None:
    word = hostile.TEXTS[name].replace("\x00", "\x01")  # no word of a command has NUL
    line = texts.command("printf", "%s.", word, "-x")
    assert line.isprintable()
    said = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert said.stdout == f"{word}.-x.".encode()


def test_file_names_that_are_no_text_and_look_like_options_can_be_pasted() -> None:
    path = Path("-a") / os.fsdecode(b"\xff1")
    line = texts.command("printf", "%s", path)
    assert line == "printf %s $'./-a/\\3771'"
    said = subprocess.run(["bash", "-c", line], capture_output=True, check=True)
    assert said.stdout == b"./-a/\xff1"


def test_halves_of_characters_are_spelled_out_where_unicode_is_wanted() -> None:
    found = texts.unicode({os.fsdecode(b"a\xff"): (1, [os.fsdecode(b"\xfe"), "\ud800"])})
    assert found == {"a\\udcff": [1, ["\\udcfe", "\\ud800"]]}


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_a_text_is_read_in_the_encoding_that_its_mark_says(text: str, encoding: str) -> None:
    unmarked = text.removeprefix("\ufeff").removeprefix("\x00")
    assert texts.decoded(unmarked.encode(encoding)) == unmarked
