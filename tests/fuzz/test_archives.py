"""Whole archives: what is right becomes rows with every bit, the rest is refused with its file."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import whole_archives
from hypothesis import given
from refusals import refusing

from osgrepro.results import dataset
from osgrepro.workflow.results.importing import Imported, import_archive


def imported(files: dict[str, bytes], home: Path) -> Imported:
    folder = home / "old"
    for path, content in files.items():
        target = folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except (OSError, ValueError):  # no name of a file, or that of a folder
            continue
    folder.mkdir(exist_ok=True)
    return import_archive(folder, home / "d.parquet", partial=True)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@given(whole_archives.whole())
def test_a_whole_archive_becomes_a_row_for_each_line(files: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = imported(whole_archives.texts(files), Path(folder))
        texts = [text for path, text in files.items() if path.endswith(".csv")]
        lines = [line.split(",") for text in texts for line in text.splitlines()[1:]]
        copies = sum(int(why.split()[1]) for _, why in made.passed_over)
        assert made.rows == len(lines) - copies
        kept = [
            (metric["name"], metric["hex"])
            for row in dataset.read(made.path, ["metrics"]).column("metrics").to_pylist()
            for metric in row
        ]
        told = Counter(
            (name, number.hex())
            for line in lines
            for name, text in zip(("test_loss", "test_accuracy"), line[6:], strict=True)
            if (number := _number(text)) is not None
        )
        assert not Counter(kept) - told
        assert copies or Counter(kept) == told


@given(whole_archives.broken())
def test_a_broken_archive_is_refused_or_read_in_part(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with refusing() as refused:
            made = imported(files, Path(folder))
        if refused:
            assert not (Path(folder) / "d.parquet").exists()
        else:
            assert dataset.read(made.path, ["run_id"]).num_rows == made.rows


FUZZED = test_a_broken_archive_is_refused_or_read_in_part
