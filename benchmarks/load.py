"""Asks addresses over many connections at once and prints how long each answer took. Run by benchmarks/search.py.

Reads {"url", "requests": [[method, target, body, headers]…], "connections", "seconds"} from standard input; prints
[[milliseconds…], errors].
"""

import http.client
import json
import sys
import threading
import time
from urllib.parse import urlsplit


def main() -> None:
    """Ask until the time is over."""
    wanted = json.load(sys.stdin)
    parts = urlsplit(wanted["url"])
    end = time.perf_counter() + wanted["seconds"]
    took: list[float] = []
    errors: list[str] = []

    def work(first: int) -> None:
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
        at = first
        while time.perf_counter() < end:
            method, target, body, headers = wanted["requests"][at % len(wanted["requests"])]
            at += wanted["connections"]
            started = time.perf_counter()
            try:
                connection.request(method, target, body.encode() or None, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status >= 300:
                    errors.append(f"{target}: {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                errors.append(f"{target}: {error}")
                connection.close()
            took.append(1000 * (time.perf_counter() - started))
        connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(wanted["connections"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump([took, errors[:5]], sys.stdout)


if __name__ == "__main__":
    main()
