"""One person floods the sockets of an embedded installation: what do others notice?

    python benchmarks/sockets.py [--sockets 120] [--subscribes 4311] [--seconds 7]

Starts an installation of its own (tests/server.py), asks for pages as a visitor before and while the agent opens
`--sockets` sockets that send `--subscribes` subscribe frames together and everything else they can, and prints both
beside each other, with the CPU that the server used.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

PAGES = ("/nl/", "/nl/chat/", "/nl/zoeken/?q=verlof")


def main() -> None:
    """Both parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=120)
    parser.add_argument("--subscribes", type=int, default=4311)
    parser.add_argument("--seconds", type=float, default=7)  # longer, a quick machine asks for more than a visitor may
    parser.add_argument(
        "--flood", nargs=3, help=argparse.SUPPRESS
    )  # address, cookies, conversation: in a process apart
    options = parser.parse_args()
    if options.flood:
        url, cookies, pk = options.flood
        asyncio.run(send(url, cookies, int(pk), options))
        return
    django.setup()
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    flood(options)


def flood(options: argparse.Namespace) -> None:
    """Pages before and during."""
    from tests import scene
    from tests.client import Web
    from tests.server import embedded

    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as site:
        scene.prepare(site)
        visitor, agent = Web(site.url), Web(site.url)
        pk = visitor.chat("Hoeveel verlofdagen heb ik nog?")
        agent.sign_in(scene.AGENT)
        pid = site.processes["server"].pid
        measure(visitor, 3, pid)  # warm
        tell("quiet", *measure(visitor, options.seconds / 2, pid))
        cookies = "; ".join(f"{name}={value}" for name, value in agent.jar().items())
        command = [sys.executable, __file__, "--sockets", str(options.sockets), "--subscribes", str(options.subscribes)]
        command += ["--seconds", str(options.seconds), "--flood", site.url, cookies, str(pk)]
        flooding = subprocess.Popen(command)
        time.sleep(2)  # until it has begun
        tell("flooded", *measure(visitor, options.seconds - 2, pid))
        flooding.wait(60)


def measure(web: Any, seconds: float, pid: int) -> tuple[list[float], float]:
    """Ask for pages one after the other; how many milliseconds each took, and the share of a core the server used."""
    took: list[float] = []
    began, cpu = time.monotonic(), used(pid)
    while time.monotonic() < began + seconds:
        page = web.get(
            PAGES[len(took) % len(PAGES)].partition("?")[0], **({"q": "verlof"} if len(took) % 3 == 2 else {})
        )
        assert page.status == 200, page
        took.append(1000 * page.seconds)
    return took, (used(pid) - cpu) / (time.monotonic() - began)


def used(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tell(name: str, took: list[float], share: float) -> None:
    """One line."""
    p95 = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
    print(
        f"{name}: {len(took)} pages, p50 {statistics.median(took):.0f} ms, p95 {p95:.0f} ms, "
        f"longest {max(took):.0f} ms, server CPU {share:.2f} of a core"
    )


async def send(url: str, cookies: str, pk: int, options: argparse.Namespace) -> None:
    """All sockets at once; each comes back a second after it is closed, as no decent client would."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import ConnectionClosed, WebSocketException

    address = f"ws{url.removeprefix('http')}/ws/?v=1"
    share, end = options.subscribes // options.sockets, time.monotonic() + options.seconds
    seen: Counter[str] = Counter()

    async def once() -> None:
        async with connect(address, additional_headers={"Cookie": cookies}, origin=url, open_timeout=30) as socket:
            for _ in range(share):
                await socket.send(json.dumps({"type": "subscribe", "conversation": pk, "after": 0}))
                seen["sent"] += 1
            async for text in socket:
                frame = json.loads(text)
                seen[frame.get("code", frame["type"])] += 1
            seen[f"closed {socket.close_code}"] += 1

    async def one() -> None:
        while time.monotonic() < end:
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + end - time.monotonic()):
                    await once()
            except ConnectionClosed as error:
                seen[f"closed {error.rcvd.code if error.rcvd else 'by nobody'}"] += 1
            except (OSError, WebSocketException) as error:
                seen[type(error).__name__] += 1
            await asyncio.sleep(1)

    await asyncio.gather(*(one() for _ in range(options.sockets)))
    print(f"what the flood got: {dict(seen)}", flush=True)


if __name__ == "__main__":
    main()
