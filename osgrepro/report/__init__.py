"""Findings as a page, as Markdown and as figures: values in, text out; no file is written.

Called by the verbs that analyze, report and export.
"""
