"""The result's JSON Schema, compiled: the one source of what a result may hold.

The payload ships the schema and its tests hold what it writes to it; here the collector holds what
comes back to the same file, before anything else looks into it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import resources

import fastjsonschema

from osgrepro.common.errors import RecordError
from osgrepro.common.models import Json

_FILE = "payload/result.schema.json"


def check(content: Json) -> None:
    """See that a result's content is as the schema says.

    Raises
    ------
    RecordError
        With the first place where it is not.
    """
    try:
        _compiled()(content)
    except fastjsonschema.JsonSchemaValueException as error:
        place = ".".join(str(part) for part in error.path[1:])
        reason = "run-id" if place == "run_id" else "schema"
        said = error.message.removeprefix("data.").removeprefix("data ")
        raise RecordError(f"{said:.300}", reason=reason) from None


@cache
def _compiled() -> Callable[[Json], object]:
    text = (resources.files("osgrepro") / _FILE).read_text("utf-8")
    made: Callable[[Json], object] = fastjsonschema.compile(json.loads(text))
    return made
