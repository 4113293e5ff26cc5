#!/usr/bin/env bash
# Print the path of a Chromium, and install Debian's first where there is none.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

found() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        # Ubuntu's chromium-browser only says that there is a snap, which needs a desktop's services.
        if path=$(command -v "$name") && "$path" --version >/dev/null 2>&1; then
            printf '%s\n' "$path"
            return
        fi
    done
    return 1
}

if [ -n "${OSGREPRO_CHROMIUM:-}" ]; then
    printf '%s\n' "$OSGREPRO_CHROMIUM"
elif ! found; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing chromium"
        export DEBIAN_FRONTEND=noninteractive
        # A page without a font is no page to look at.
        { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core; } >&2
    fi
    if ! found; then
        say "The page's tests need Chromium. Install it (sudo apt-get install chromium), or name one:"
        say "make browser OSGREPRO_CHROMIUM=/path/to/chromium"
        exit 2
    fi
fi
