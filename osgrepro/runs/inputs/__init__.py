"""What experiments read: described without a network, then fetched, generated or copied into place.

``describe`` tells name and sha256 for the plan, ``fetch`` brings the verified file to this machine,
``stage`` puts it into a folder. A run itself never downloads anything. Called by ``workflow``.
"""

from __future__ import annotations

from osgrepro.runs.inputs.known_data import KERAS, SAMPLES, describe, path_in
from osgrepro.runs.inputs.staging import fetch, stage

__all__ = ["KERAS", "SAMPLES", "describe", "fetch", "path_in", "stage"]
