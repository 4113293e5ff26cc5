"""The three experiments of the 2022 study, each whole in one file: its sha256 is its identity."""

from __future__ import annotations
