"""Stands for the programs apptainer and unsquashfs: ``fake_apptainer.py FOLDER PROGRAM WORD…``.

In FOLDER, `orders` holds words that it obeys, `said` what it says before it fails, `tree` what an
image holds besides the usual (null: not even that); it writes there what it was asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from itertools import pairwise
from pathlib import Path

import sif_file

LABELS = {"org.osgrepro.tensorflow": "2.8.0"}


def main(here: Path, program: str, words: list[str]) -> None:
    with (here / "calls").open("a") as calls:
        calls.write(json.dumps([program, *words] if program != "apptainer" else words) + "\n")
    orders = (here / "orders").read_text().split() if (here / "orders").exists() else []
    if program == "unsquashfs":
        unsquash(orders, words)
    elif words[0] == "build":
        build(here, orders, definition=Path(words[-1]), out=Path(words[-2]))
    elif words[0] == "inspect":
        if "broken" in orders:
            sys.exit("FATAL: not a SIF")
        say(json.dumps({"data": {"attributes": {"labels": LABELS}}}))
    elif words[0] == "test":
        sys.exit("AssertionError: 2.9.1" if "fail" in orders else 0)
    else:
        say("apptainer version 1.4.5")


def build(here: Path, orders: list[str], *, definition: Path, out: Path) -> None:
    text = definition.read_text()
    bootstrap, base = text.splitlines()[:2]
    say(f"definition: {base}")
    if bootstrap == "Bootstrap: docker":
        pull(base)
    out.write_bytes(b"half")
    (Path(os.environ["APPTAINER_TMPDIR"]) / "rootfs").mkdir()
    (here / "started").write_text(str(os.getpid()))
    while "wait" in orders and not (here / "go").exists():
        time.sleep(0.02)
    if (here / "said").exists():
        sys.exit((here / "said").read_text())
    if "no-sif" in orders:
        return
    usual = {
        "etc": ("dir", 0o755, ""),
        "etc/shadow": ("file", 0o000, "secret"),
        "root": ("dir", 0o700, ""),
        "srv": ("dir", 0o555, ""),
        "srv/run": ("file", 0o444, "frozen"),
        "etc/definition": ("file", 0o644, text),
        "bin": ("link", 0o777, "usr/bin"),
    }
    more = json.loads((here / "tree").read_text()) if (here / "tree").exists() else {}
    tree = {path: what for path, what in {**usual, **more}.items() if what}
    sif_file.write(out, tree, uid=os.getpid())


def pull(base: str) -> None:
    """Fetch the one layer of a base, unless it is there; its folder can't be written."""
    name = hashlib.sha256(base.encode()).hexdigest()
    layer = Path(os.environ["APPTAINER_CACHEDIR"]) / "blob" / name
    if layer.exists():
        say("Copying blob skipped: already exists")
        return
    layer.parent.mkdir(exist_ok=True)
    layer.write_bytes(b"layer")
    layer.parent.chmod(0o555)
    say("Copying blob done")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def unsquash(orders: list[str], words: list[str]) -> None:
    if "corrupt" in orders:
        sys.exit("FATAL ERROR: File system corruption detected")
    options = dict(pairwise(words))
    sif_file.unpack(Path(words[-1]), int(options["-offset"]), Path(options["-dest"]))
    if "devices" in orders:
        say("could not create character device, because you're not superuser!")
        sys.exit(2)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
