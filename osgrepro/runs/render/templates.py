"""Fills the shipped templates: values in, text out; nothing is written and nothing is guessed.

Called by everything that makes a text for another program to read: submit descriptions, image
definitions, the mini-pool's configuration.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    pass_eval_context,
    select_autoescape,
)
from jinja2.nodes import EvalContext
from markupsafe import Markup

from osgrepro.common.errors import RenderError
from osgrepro.common.texts import visible


def text(template: str, /, **values: Any) -> str:
    """Fill the shipped template ``template`` (a path below ``templates/``) with ``values``.

    Raises
    ------
    RenderError
        If there is no such template, or it needs a value that is not given.
    """
    try:
        return _environment().get_template(template).render(values)
    except TemplateError as error:
        # TemplateNotFound's text is only the name.
        raise RenderError(f"template {template}: {type(error).__name__}: {error}") from error


@cache
def _environment() -> Environment:
    package = Path(str(resources.files("osgrepro")))
    # An installed wheel carries the templates; an editable install reads the checkout.
    folders = (package / "_share" / "templates", package.parent / "templates")
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        undefined=StrictUndefined,
        # Pages are escaped; every other template quotes for its own reader.
        autoescape=select_autoescape(enabled_extensions=("html", "html.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters["md"] = markdown
    return environment


@pass_eval_context
def _shown(context: EvalContext, value: Any) -> Any:
    """Return what a page shows of a value: nobody's text in it turns the writing or hides."""
    foreign = isinstance(value, str) and not isinstance(value, Markup)
    return visible(value) if foreign and context.autoescape else value


# All that Markdown, or the HTML in it, could take for more than a letter. Within a word, as in
# test_accuracy, an underscore is one.
_MARKDOWN = re.compile(r"[\\`*<>|\[\]#~&!]|(?<!\w)_|_(?!\w)")


def markdown(text: str) -> str:
    """Return ``text`` so that Markdown shows it as it is, on one line."""
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", visible(text))
