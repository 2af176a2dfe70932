"""Finds a Chromium for the browser tests, or gets one where that needs no question."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# The one without a window does the same with a quarter less of the processor.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
PACKAGES = ("chromium-headless-shell", "fonts-noto-cjk")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic")


def find() -> str | None:
    """The path of a Chromium: CHROMIUM, the machine's own, or the one Playwright brought."""
    if given := os.environ.get("CHROMIUM"):
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    brought = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(brought[-1]) if brought else None


def _install() -> None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=sys.stderr)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", *PACKAGES], check=False, stdout=sys.stderr
        )
    else:
        subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=False,
            stdout=sys.stderr,
        )


def _cjk_font_missing() -> bool:
    listed = shutil.which("fc-list")
    if listed is None:
        return False
    done = subprocess.run([listed, ":lang=zh"], capture_output=True, text=True, check=False)
    return not done.stdout.strip()


def main() -> int:
    """Make sure there is a browser; else say in one sentence what to run."""
    if find() is None or (os.geteuid() == 0 and _cjk_font_missing()):
        _install()
    if find() is None:
        print(
            "The browser tests need Chromium: run `apt-get install chromium fonts-noto-cjk` as "
            "root, or set CHROMIUM to the path of one.",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
