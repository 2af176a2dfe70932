"""The first request of a fresh process: prints how many statements it sent."""

from __future__ import annotations

import json
import re
import sys

from crm.factory import create_app


def main() -> None:
    """Read path, session cookie and token from standard input, ask, print the number."""
    told = json.load(sys.stdin)
    client = create_app().test_client()
    client.set_cookie("session", told["cookie"])
    response = client.get(told["path"], headers={"Authorization": told["bearer"]})
    found = re.search(r'desc="n=(\d+)"', response.headers["Server-Timing"])
    if response.status_code != 200 or not found:
        raise SystemExit(f"{told['path']}: {response.status}")
    print(found[1])


if __name__ == "__main__":
    main()
