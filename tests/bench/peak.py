"""``python -m tests.bench.peak MODULE …``: what a module cost, as JSON on standard output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(arguments: list[str]) -> int:
    """Run the module, wait, and say seconds, the most memory it held (MB), and what it printed."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE)
    assert process.stdout
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        return process.returncode
    told = {"seconds": time.perf_counter() - started, "megabytes": usage.ru_maxrss / 1024}
    sys.stdout.write(json.dumps({**told, "said": said}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
