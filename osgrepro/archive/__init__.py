"""Reads the layout of the 2022 study: a tree of CSV and YAML becomes rows of the dataset.

Pure: texts and paths come in. Called by the verb ``import``.
"""
