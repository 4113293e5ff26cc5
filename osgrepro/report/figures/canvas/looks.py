"""The measures and colours that all figures share; lengths are points, 72 to the inch."""

from __future__ import annotations

# The widths of a column of a paper, in which letters of SIZE can be read; a page; a telephone.
WIDTH, WIDE, NARROW = 375.0, 680.0, 280.0
SIZE, SMALL, LINE = 8.5, 7.5, 14.0
INK, MUTED, RULE, FAINT, PAPER = "#1a1a1a", "#4d4d4d", "#8c8c8c", "#dddddd", "#ffffff"
# Distinguishable with any colour vision, and each at least 7 : 1 on or below INK and PAPER.
BLUE, RED = "#0b4f8a", "#9c2a00"
# Of patterns: the width of their lines, and their colour where the outline has none.
HATCH, HATCHED = 0.6, "#1a1a1a55"
# How high a capital is, in sizes of its font.
CAPITAL = 0.76
