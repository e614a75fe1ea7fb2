"""Asks health checks every 50 ms until standard input ends; prints the seconds that each took, and who failed, as JSON.

A process of its own: a client that is busy with something else would measure itself.
"""

import json
import sys
import threading
import time
from collections import Counter

import httpx

PAUSE = 0.05
PATIENCE = 30.0


def ask(url: str, over: threading.Event, seconds: list[float], failed: Counter[str]) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE) as client:
        while not over.is_set():
            started = time.perf_counter()
            try:
                healthy = client.get(url).status_code == 200
            except httpx.TransportError:
                healthy = False
            seconds.append(time.perf_counter() - started)
            if not healthy:
                failed[url] += 1
            over.wait(PAUSE)


def main() -> None:
    over, seconds = threading.Event(), list[float]()
    failed = Counter[str]()
    threads = [threading.Thread(target=ask, args=(url, over, seconds, failed)) for url in sys.argv[1:]]
    for thread in threads:
        thread.start()
    print("asking", flush=True)
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps({"seconds": seconds, "failed": failed}))


if __name__ == "__main__":
    main()
