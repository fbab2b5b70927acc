#!/usr/bin/env python3
"""The mirror when too much is asked of it: slow clients, five times its capacity, and a flood of what it doesn't have.

    bench/overload.py [--seconds 5] [--slow 10000] [--json FILE]

Needs wrk (Debian package) and the built mirror (mvn -DskipTests package). First its peak is looked for: pages that it has, by rising numbers of
connections. Then, each beside a health check on a new connection every 50 ms and a client that opens a connection for each page:

- slow: that many connections of which a third trickles heads, a third takes a large page by a kilobyte now and then, a third asks once and stays
- five times: wrk with five times as many connections as at the peak
- misses: wrk asks for names that nobody has, of an upstream that takes a second for each, while hits are measured

Each is compared with the peak just before it; after each, the seconds until 90 % of that are reached again. Prints a table, and as JSON (--json: into a file). wrk takes its
share of the same cores, and so does whatever causes the load: what hits lose by that is in the figures.
"""

import argparse
import contextlib
import http.client
import json
import multiprocessing
import pathlib
import re
import resource
import socketserver
import subprocess
import sys
import threading
import time

import bench
import slow

HIT = "/simple/bench-40/"
LARGE = "/simple/bench-3600/"
CHECK_SECONDS = 0.05
STEPS = (16, 32, 64, 128)
MISSES_LUA = """
local thread = 0
function setup(t) thread = thread + 1; t:set("number", thread) end
local count = 0
function request()
  count = count + 1
  return wrk.format("GET", "/simple/unknown-" .. number .. "-" .. count .. "/")
end
"""


def wrk(port: int, connections: int, seconds: int, path: str = HIT, script: pathlib.Path | None = None) -> dict:
    """What wrk counts: good answers a second, the 99th percentile in ms, and what failed."""
    command = ["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "--latency", "--timeout", "20s", "-H", f"Accept: {bench.JSON}",
               "-H", "Accept-Encoding: gzip", *(["-s", str(script)] if script else []), f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    took = float(re.search(r"requests in ([0-9.]+)s", said).group(1))
    asked = int(re.search(r"(\d+) requests in", said).group(1))
    refused = int(next(iter(re.findall(r"Non-2xx or 3xx responses: (\d+)", said)), 0))
    broken = sum(map(int, next(iter(re.findall(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)), ())))
    number, unit = re.search(r"99%\s+([0-9.]+)(us|ms|s|m)\b", said).groups()
    p99 = float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]
    return {"goodput": (asked - refused) / took, "p99_ms": p99, "refused": refused, "broken": broken}


class Regular:
    """Asks for one path again and again, each time on a new connection, and counts."""

    def __init__(self, port: int, path: str):
        self.port, self.path = port, path
        self.over = threading.Event()
        self.asked, self.failed, self.longest = 0, [], 0.0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self) -> None:
        while not self.over.wait(CHECK_SECONDS):
            begun = time.perf_counter()
            self.asked += 1
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                connection.request("GET", self.path)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failed.append(str(answer.status))
            except (OSError, http.client.HTTPException) as problem:
                self.failed.append(repr(problem))
            finally:
                connection.close()
            self.longest = max(self.longest, time.perf_counter() - begun)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


@contextlib.contextmanager
def slowed_by(port: int, count: int):
    standing, over = multiprocessing.Value("i", 0), multiprocessing.Event()
    process = multiprocessing.Process(target=slow.clients, args=(port, count, HIT, LARGE, standing, over), daemon=True)
    process.start()
    try:
        for _ in range(600):
            if standing.value >= count * 0.95:
                break
            time.sleep(0.1)
        yield standing
    finally:
        over.set()
        process.join(10)
        process.kill()


@contextlib.contextmanager
def beside(action, *arguments):
    """Something that runs meanwhile; what it says is in the list in the end."""
    said = []
    thread = threading.Thread(target=lambda: said.append(action(*arguments)))
    thread.start()
    yield said
    thread.join()


def recovery(port: int, connections: int, wanted: float) -> float | None:
    begun = time.perf_counter()
    for _ in range(15):
        if wrk(port, connections, 1)["goodput"] >= wanted:
            return time.perf_counter() - begun
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--slow", type=int, default=10_000)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    bench.need("wrk")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if most < options.slow + 1000:
        sys.exit(f"{options.slow} connections need {options.slow + 1000} open files, and there may be {most}: ulimit -n")

    # Whoever is sent away leaves an upstream that is still at answering; that is what is wanted.
    socketserver.BaseServer.handle_error = lambda *_: None
    with bench.site() as site:
        bodies = {path: (bench.page(path[8:-1], files), {"Content-Type": bench.JSON, "Cache-Control": "max-age=86400"})
                  for path, files in ((HIT, 40), (LARGE, 3600))}

        def answer(path: str):
            if path not in bodies:
                time.sleep(1)
            return bodies.get(path)

        result = {"descriptors": most, "load_before": bench.load_average(), "phases": []}
        mirror, process = site.mirror(site.upstream(answer))
        for path in bodies:
            bench.Client(mirror).get(path)
            bench.Client(mirror).get(path, coding="identity")
        script = site.folder / "misses.lua"
        script.write_text(MISSES_LUA)
        wrk(mirror, STEPS[-1], 5)
        peaks = {connections: wrk(mirror, connections, options.seconds) for connections in STEPS}
        connections = max(peaks, key=lambda step: peaks[step]["goodput"])
        peak = peaks[connections]["goodput"]
        result["peak"] = {"connections": connections, **peaks[connections]}

        def phase(name: str, measured) -> None:
            # On a machine that others use, too, the peak of a minute ago says little.
            with Regular(mirror, "/readyz"), Regular(mirror, HIT):
                before = wrk(mirror, connections, options.seconds)["goodput"]
            with Regular(mirror, "/readyz") as checks, Regular(mirror, HIT) as client:
                figures = measured()
            figures |= {"phase": name, "before": before, "of_before": figures["goodput"] / before,
                        "checks": checks.asked, "checks_failed": checks.failed[:20], "longest_check_s": checks.longest,
                        "clients": client.asked, "clients_failed": client.failed[:20], "longest_client_s": client.longest,
                        "recovery_s": recovery(mirror, connections, 0.9 * before),
                        "resident_mib": bench.resident(process)[0] // bench.MIB}
            result["phases"].append(figures)

        def slowed() -> dict:
            with slowed_by(mirror, options.slow) as standing:
                begun = standing.value
                return wrk(mirror, connections, options.seconds) | {"slow_connections": [begun, standing.value]}

        def flooded() -> dict:
            with beside(wrk, mirror, 500, options.seconds + 2, HIT, script) as flood:
                time.sleep(1)
                hits = wrk(mirror, connections, options.seconds)
            return hits | {"flood_refused": flood[0]["refused"]}

        phase("nothing else", lambda: wrk(mirror, connections, options.seconds))
        phase(f"{options.slow} slow connections", slowed)
        phase("five times as many connections", lambda: wrk(mirror, 5 * connections, options.seconds))
        phase("flood of misses", flooded)
        result["load_after"] = bench.load_average()

    print(f"Peak: {peak:,.0f} hits/s by {connections} connections; load {result['load_before']} before, {result['load_after']} after\n")
    print("| while | hits/s just before | hits/s | ratio | p99, ms | refused, broken | checks failed | longest check, s | new clients failed | 90 % again after, s | resident, MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for one in result["phases"]:
        again = "-" if one["recovery_s"] is None else f"{one['recovery_s']:.1f}"
        print(f"| {one['phase']} | {one['before']:,.0f} | {one['goodput']:,.0f} | {one['of_before']:.2f} | {one['p99_ms']:.1f} | {one['refused']}, {one['broken']} |"
              f" {len(one['checks_failed'])} of {one['checks']} | {one['longest_check_s']:.2f} |"
              f" {len(one['clients_failed'])} of {one['clients']} | {again} | {one['resident_mib']} |")
    said = json.dumps(result, indent=1)
    if options.json:
        options.json.write_text(said + "\n")
    else:
        print("\n" + said)
    failed = [one["phase"] for one in result["phases"] if one["refused"] or one["broken"] or one["checks_failed"] or one["clients_failed"]]
    if failed:
        sys.exit("something failed: " + ", ".join(failed))


if __name__ == "__main__":
    main()
