"""``python -m osgrepro.payload``: the payload without its archive, for development."""

from __future__ import annotations

from .cli import main

raise SystemExit(main())
