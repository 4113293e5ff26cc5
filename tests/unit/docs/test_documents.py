"""What documents say of the sources is so: files, modules, tests and links are there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import mutants

TOP = ("CONTRIBUTING.md", "SECURITY.md", "RELEASING.md", "README.md", "CODE_OF_CONDUCT.md")
DOCUMENTS = sorted(
    {
        *(ROOT / name for name in TOP),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / ".github").rglob("*.md"),
        ROOT / "containers" / "README.md",
        ROOT / "requirements" / "README.md",
    }
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
SUFFIXES = (
    *(".py", ".md", ".toml", ".j2", ".sh", ".sub", ".def", ".items", ".svg"),
    *(".css", ".js", ".json", ".yml", ".yaml", ".txt"),
)
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
# What a user's folder has, and the sources don't.
USERS = re.compile(r"^(?:demo|campaign)\.runs/|^containers/(?:NAME|mine)/|[A-Z]{4,}|…|^[~/.]/?")


def prose(path: Path) -> str:
    """Return a document without its blocks of code."""
    return FENCE.sub("", path.read_text())


def quoted(path: Path) -> Iterator[str]:
    """Yield what stands in backticks, word by word."""
    for text in re.findall(r"`([^`\n]+)`", prose(path)):
        yield from text.split()


def tops() -> set[str]:
    """Return what the sources begin with: folders of the checkout, and of the package."""
    return {
        path.name
        for folder in (ROOT, ROOT / "osgrepro")
        for path in folder.iterdir()
        if path.name not in {".venv", "site", "dist", "build"}
    }


def is_path(word: str) -> bool:
    """Whether a word can only be meant as a file or folder of the sources."""
    if USERS.search(word):
        return False
    first = word.split("/", maxsplit=1)[0]
    inside = "/" in word and first in tops()
    return inside and word.endswith(("/", *SUFFIXES))


def there(word: str) -> bool:
    """Whether the sources have it; wings may be named without their package."""
    return any((folder / word).exists() for folder in (ROOT, ROOT / "osgrepro"))


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_document_names_is_there(name: str) -> None:
    assert [word for word in quoted(ROOT / name) if is_path(word) and not there(word)] == []


def test_paths_are_told_from_other_words() -> None:
    assert is_path("osgrepro/no/such.py")
    assert is_path("tests/nowhere/")
    assert is_path("workflow/campaign/rehearsing.py")
    for word in ("demo.runs/dataset.parquet", "containers/NAME/", "analyze/report", "docker://…"):
        assert not is_path(word)
    assert sum(is_path(word) for word in quoted(ROOT / "CONTRIBUTING.md")) > 100


@pytest.mark.parametrize("name", NAMES)
def test_every_module_that_a_document_names_is_there(name: str) -> None:
    for word in quoted(ROOT / name):
        if re.fullmatch(r"osgrepro(\.[A-Za-z_]\w*)+(\(\))?", word):
            assert found(word.removesuffix("()")) or f'"{word}"' in sources(), word


@cache
def sources() -> str:
    """Return the package's text: a dotted name may be a key that it writes."""
    return "".join(path.read_text() for path in (ROOT / "osgrepro").rglob("*.py"))


def found(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("docs/")])
def test_links_of_documents_outside_of_the_site_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path)):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        wanted = (path.parent / file) if file else path
        assert wanted.exists(), target
        if anchor:
            assert anchor in anchors(wanted), target


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, those that are given and those that are made."""
    found = set()
    for line in re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text()), re.M):
        given = re.search(r"\{ #([\w-]+) \}", line)
        made = re.sub(r"[^\w\s-]", "", re.sub(r"\{.*\}", "", line)).strip().lower()
        found.add(given[1] if given else re.sub(r"[\s-]+", "-", made))
    return found


def places() -> list[tuple[str, str, str]]:
    """Return the table of where things are: what, file or folder, and name in it."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    (section,) = re.findall(r"^## Where is…$(.+?)^## ", text, re.M | re.S)
    found = re.findall(r"^\| (.+?) \| `([\w./]+)` \|(?: `(\w+)`)? \|$", section, re.M)
    assert len(found) == section.count("\n|") - 2  # without its head
    return found


def test_the_table_of_where_things_are_names_what_is_there() -> None:
    for what, file, name in places():
        assert (ROOT / file).exists(), what
        assert not name or name in defined(ROOT / file), what


def defined(module: Path) -> set[str]:
    """Return the functions, classes and constants that a module makes itself."""
    names = set()
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def rows() -> list[mutants.Row]:
    """Return the table of modules without a test file of their name."""
    return mutants.table((ROOT / "CONTRIBUTING.md").read_text())


def untested() -> Iterator[tuple[str, str]]:
    """Yield folder and name of each module that no test file is called after."""
    for path in sorted((ROOT / "osgrepro").rglob("*.py")):
        inner = path.relative_to(ROOT / "osgrepro")
        test = ROOT / "tests" / "unit" / inner.parent / f"test_{path.stem.lstrip('_')}.py"
        if not path.stem.startswith("__") and not test.exists():
            yield f"osgrepro/{inner.parent}/", path.stem


def test_every_module_has_a_test_file_of_its_name_or_a_reason() -> None:
    named = [(folder, row.names) for row in rows() for folder in row.folders]
    told = {(folder, name) for folder, names in named for name in names}
    whole = {folder for folder, names in named if not names}
    missing = [one for one in untested() if one not in told and one[0] not in whole]
    assert missing == [], "write the test, or name the module in CONTRIBUTING.md with the reason"


def test_the_list_of_modules_names_modules_that_are_there_and_why() -> None:
    assert len(rows()) > 20
    for row in rows():
        for folder in row.folders:
            assert all((ROOT / folder / f"{name}.py").exists() for name in row.names), row
        assert row.tests
        assert all((ROOT / test).exists() for test in row.tests)
        assert len(row.why) > 5


def test_the_makefile_has_every_target_that_a_document_names() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for path in DOCUMENTS:
        text = path.read_text()
        for words in re.findall(r"(?:`|\$ )make((?: [a-z-]+)+)", text):
            unknown = set(words.split()) - targets
            assert not unknown, f"{path.relative_to(ROOT)}: make {unknown}"


def test_no_file_of_the_documentation_is_large() -> None:
    files = [path for path in (ROOT / "docs").rglob("*") if path.is_file()]
    assert [path.name for path in files if path.stat().st_size > 200_000] == []


def test_the_hooks_run_what_the_set_up_installs_and_fetch_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    (repo,) = yaml.safe_load(text)["repos"]
    locked = (ROOT / "requirements" / "dev.txt").read_text()
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        folder, _, program = hook["entry"].split()[0].rpartition("/")
        assert (folder, hook["language"]) == (".venv/bin", "system")
        assert re.search(rf"^{program}==", locked, re.M), program
    assert "://" not in text
