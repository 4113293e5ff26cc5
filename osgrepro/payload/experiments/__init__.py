"""The three experiments of the 2022 study and the probe, each whole in one file: its identity."""

from __future__ import annotations
