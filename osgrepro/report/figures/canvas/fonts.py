"""Letters that the figures' own font lacks: which fonts of this machine draw them, and which none.

An SVG names no font, and whoever shows it chooses one; a PDF and a PNG hold what is found here.
"""

from __future__ import annotations

from collections.abc import Iterable

from osgrepro.common.texts import visible

# Matplotlib's own: what is measured does not depend on what is installed.
OWN = "DejaVu Sans"
# Fonts of usual systems for Chinese, Japanese and Korean, and some that have most letters.
FURTHER = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Sans CJK KR"),
    *("Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback"),
    *("IPAexGothic", "NanumGothic", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei"),
    *("Yu Gothic", "Malgun Gothic", "Arial Unicode MS", "Unifont"),
)


def families() -> list[str]:
    """Return the fonts that a PDF or a PNG is drawn with: a letter is of the first that has it."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415, a heavy import

    present = set(fontManager.get_font_names())
    return [OWN, *(name for name in FURTHER if name in present)]


def lacking(texts: Iterable[str]) -> str:
    """Return the letters of texts for which a PDF and a PNG show a box, each once and in order."""
    letters = {letter for text in texts for letter in visible(text) if not letter.isascii()}
    if not letters:
        return ""
    from matplotlib.font_manager import findfont, get_font  # noqa: PLC0415, a heavy import

    for family in families():
        known = get_font(findfont(family)).get_charmap()
        letters = {letter for letter in letters if ord(letter) not in known}
    return "".join(sorted(letters))
