"""A real Chromium that can reach nothing, and pages of findings to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Findings
from osgrepro.common.models import Claim

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("OSGREPRO_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium here: `make browser` installs one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def findings() -> Findings:
    """Findings with everything that a page can show: claims, failures, emulation, hostile names."""
    rows: list[dict[str, Any]] = []
    for experiment in ("mnist", HOSTILE):
        for software in ("tf-2.8", "tf-2.21"):
            for number in range(9):
                for repeat in (1, 2, 3):
                    value = 0.9 + number // 3 / 100 + (software == "tf-2.21") / 1000
                    value += repeat / 5000 * (number == 8)
                    rows.append(
                        {
                            "experiment": experiment,
                            "software": software,
                            "hardware": f"epyc-{number}" if number else "=1+1",
                            "repeat": repeat,
                            "status": "failed" if number == 7 and repeat == 3 else "ok",
                            "primary_metric": "accuracy",
                            "metric.accuracy": value,
                            "metric_hex.accuracy": value.hex(),
                            "logical_cpus": 32 * (number // 3 + 1),
                            "cpu_vendor": "AuthenticAMD",
                            "emulated": number == 6,
                            "test_set": 10_000,
                            "baseline": 0.11,
                        }
                    )
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.915)
    return analyze(pd.DataFrame(rows), [claim])


@pytest.fixture(scope="session")
def file(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report.page(findings, HOSTILE), encoding="utf-8")
    return path


class Watched:
    """A page, and everything that it should not do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        page.on("console", lambda said: self.problems.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.problems.append(f"dialog: {dialog.message}"))
        page.on("request", self._request)

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:")):
            self.problems.append(f"request: {request.url}")


@pytest.fixture(params=[1280, 390])
def watched(browser: Browser, file: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """Return the page as it opens from a mail attachment, at two widths."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, offline=True)
    one = Watched(context.new_page())
    one.page.goto(file.as_uri())
    yield one
    context.close()
