"""Validate a crate as a Workflow Run RO-Crate: exit 0 if it is one, else 1 and why.

Runs in the environment of requirements/crates.txt, without network: the JSON-LD context of RO-Crate
1.1 is the one that the library rocrate 0.14 carries.

usage: validate_crate.py CRATE
"""

from __future__ import annotations

import sys
import tempfile
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests_cache import CachedSession
from rocrate_validator import models, services
from urllib3 import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"
PROFILE = "workflow-run-crate-0.5"


def main(crate: str) -> int:
    """Validate ``crate`` and print what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "http"
        _fill(cache)
        settings = models.ValidationSettings(
            rocrate_uri=crate,
            profile_identifier=PROFILE,
            requirement_severity=models.Severity.RECOMMENDED,
            cache_path=cache,
            offline=True,
        )
        issues = list(services.validate(settings).get_issues())
    for issue in issues:
        sys.stdout.write(f"{issue.severity.name}: {issue.message}\n")
    return int(any(issue.severity is models.Severity.REQUIRED for issue in issues))


def _fill(cache: Path) -> None:
    """Put the context where the validator's HTTP client looks before it asks the network."""
    with CachedSession(str(cache), backend="sqlite", expire_after=-1) as session:
        session.mount(CONTEXT, _Carried())
        session.get(CONTEXT)


class _Carried(BaseAdapter):
    """Answers every request with the context that rocrate carries."""

    def send(self, request: PreparedRequest, *_args: Any, **_kwargs: Any) -> Response:
        content = (resources.files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
        response = Response()
        response.status_code, response.url, response.request = 200, str(request.url), request
        response.headers["Content-Type"] = "application/ld+json"
        response.raw = HTTPResponse(BytesIO(content), status=200, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is open."""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
