#!/usr/bin/env python3
"""How soon nodes do what is published, with a poll interval of five seconds.

    bench/agent-latency.py [--times 6] [--interval 5]

Runs the packed `flotilla local --sample`, gives its agents that interval and starts them anew. Then, as often as is asked: `flotilla drain` until
every node of the region answers 503, `flotilla undrain` until they answer 200, and `flotilla publish` of a change until every node says that
it has committed the release, its soak included, which is printed beside it. Time counts from the moment at which the command has ended. The exit
code says whether every drain and return came within one interval and two seconds for what comes behind the look: requests, the thread that carries it out, the mirror's own look.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import bench

CONTROLLER = bench.ROOT / "fleet-controller/target/flotilla-controller/flotilla-controller/bin/flotilla"


def until(what: str, holds, seconds: float = 180) -> float:
    begun = time.perf_counter()
    while not holds():
        if time.perf_counter() - begun > seconds:
            sys.exit(f"in {seconds} s not so: {what}")
        time.sleep(0.02)
    return time.perf_counter() - begun


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def readiness(node: dict) -> str:
    return node["operations"].rstrip("/") + "/readyz"


def report(state: pathlib.Path, region: str) -> dict:
    try:
        return json.loads((state / "regions" / region / "agent/report.json").read_text())
    except OSError:
        return {}


def told(what: str, figures: list) -> None:
    print(f"{what}: {statistics.median(figures):.1f} s ({min(figures):.1f}-{max(figures):.1f}, {len(figures)} times)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=6)
    parser.add_argument("--interval", type=int, default=5, help="poll interval in seconds")
    options = parser.parse_args()
    CONTROLLER.exists() or sys.exit("build first: mvn -DskipTests package")

    folder = pathlib.Path(tempfile.mkdtemp(prefix="flotilla-bench-"))
    state, ready, log = folder / "state", folder / "ready", folder / "log"
    print(f"load before: {bench.load_average()}")
    with log.open("w") as out:
        fleet = subprocess.Popen(
            [CONTROLLER, "local", "--sample", "--state", state, "--ready-file", ready, "--port", "0", "--dns-port", "0", "--start-within", "170"],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.PIPE)

    def verb(*words: str) -> None:
        credentials = json.loads((state / "local.json").read_text())["credentials"]
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": credentials["accessKeyId"], "AWS_SECRET_ACCESS_KEY": credentials["secretAccessKey"]}
        done = subprocess.run([CONTROLLER, *words, "--config", state / "fleet.conf"], env=environment, capture_output=True, text=True)
        done.returncode == 0 or sys.exit(f"{words}: {done.stdout}{done.stderr}")

    try:
        until("flotilla local serves", lambda: ready.exists() or fleet.poll() is not None)
        ready.exists() or sys.exit(f"flotilla local does not serve: {log.read_text()}")
        regions = json.loads(ready.read_text())["regions"]
        soak = ""
        for region, node in regions.items():
            configuration = state / "regions" / region / "agent.conf"
            text = configuration.read_text()
            soak = re.search(r"soak = (\S+)", text).group(1)
            configuration.write_text(re.sub(r"poll-interval = \S+", f"poll-interval = {options.interval}s", text))
            os.kill(node["agentPid"], signal.SIGKILL)
        for region, node in regions.items():
            until(f"another agent in {region}", lambda: report(state, region).get("agent", {}).get("pid") not in (None, node["agentPid"]))
        for node in regions.values():
            # Here a mirror ends with its agent.
            until("the mirrors are back", lambda: status(readiness(node)) == 200)
        place, node = next(iter(regions.items()))
        address = readiness(node)
        drains, returns, releases = [], [], []
        for number in range(options.times):
            verb("drain", place)
            drains.append(until("503", lambda: status(address) == 503))
            verb("undrain", place)
            returns.append(until("200", lambda: status(address) == 200))
            conf = state / "fleet.conf"
            before = report(state, place)["release"]["version"]
            conf.write_text(conf.read_text() + f"\nflotilla.fleet.mirror.http.requests-remembered = {21 + number}\n")
            verb("publish")
            releases.append(until("committed", lambda: all(
                report(state, region).get("release", {}).get("version", 0) > before
                and report(state, region)["release"]["state"] == "committed" for region in regions)))
        told("from drain to 503", drains)
        told("from undrain to 200", returns)
        told(f"from publish to committed on {len(regions)} nodes, soak {soak} included", releases)
    finally:
        fleet.send_signal(signal.SIGTERM)
        fleet.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"load after: {bench.load_average()}")
    return 1 if max(drains + returns) > options.interval + 2 else 0


if __name__ == "__main__":
    sys.exit(main())
