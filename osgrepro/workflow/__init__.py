"""One short function per verb: each takes values and collaborators, and returns values.

The command line prints what these return; a notebook calls them directly.
"""
