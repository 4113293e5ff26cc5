"""What runs on the slot: the standard library and the image's own Keras; Python 3.8 and up.

It travels as ``payload.pyz``, imports nothing of the rest of osgrepro and is imported by nothing of
it: the contract between the two is ``spec.json`` on the way out and the result JSON, whose schema
is ``result.schema.json``, on the way back.
"""

from __future__ import annotations

# How it is imported: in its archive, or below osgrepro for development.
PACKAGE = __name__
VERSION = "0.1.0"
SCHEMA_VERSION = 1
