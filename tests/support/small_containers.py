"""Parameters of two small software environments: one on Debian, one on a registry's image."""

from __future__ import annotations

TOML = """
why = "a test"
tensorflow = "2.8.0"
python = "3.9.2"
requirements = ["tensorflow-cpu==2.8.0", "pip"]

[base]
kind = "debian"
suite = "bullseye"
glibc = "2.31"
packages = ["python3"]
"""
DOCKER = """
why = "a test"
tensorflow = "2.8.0"
python = "3.8.10"

[base]
kind = "docker"
reference = "tensorflow/tensorflow:2.8.0-gpu"
"""
