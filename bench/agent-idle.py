#!/usr/bin/env python3
"""What an idle agent takes: resident memory, processor time of a cycle, and how long one needs to start and judge a release.

    bench/agent-idle.py [--settle 75] [--seconds 60] [--starts 5] [--java-options OPTIONS]

Runs the packed `flotilla local --sample`: two packed agents, each with its mirror, against S3Proxy. Promises: resident memory below 96 MiB while
idle, and less than 100 ms of processor time for a cycle without news, in which is counted all else that the agent does meanwhile: watching
and probing its mirror, and reports. The exit code says whether they hold. The start is `agent verify`, which reads the bucket and
judges its release; it is printed and not judged.
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

import bench

CONTROLLER = bench.ROOT / "fleet-controller/target/flotilla-controller/flotilla-controller/bin/flotilla"
RESIDENT_MIB = 96
CYCLE_MS = 100


def processor_ms(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int, key: str) -> float:
    found = re.search(rf"^{key}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found.group(1)) / 1024


def await_ready(ready: pathlib.Path, fleet: subprocess.Popen, log: pathlib.Path) -> dict:
    for _ in range(1800):
        if ready.exists():
            return json.loads(ready.read_text())
        if fleet.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"flotilla local does not serve: {log.read_text()}")


def starts(state: pathlib.Path, region: str, pid: int, count: int) -> list:
    """Seconds until `agent verify` has read and judged the release, and its processor time in seconds."""
    environment = dict(entry.split("=", 1) for entry in
                       pathlib.Path(f"/proc/{pid}/environ").read_text().split("\0") if entry)
    agent = next(state.glob("programs/*/bin/agent"))
    figures = []
    for _ in range(count):
        before = os.times()
        begun = time.perf_counter()
        subprocess.run([agent, "verify", "--config", state / "regions" / region / "agent.conf"],
                       env=environment, check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - begun
        after = os.times()
        figures.append((wall, after.children_user + after.children_system - before.children_user - before.children_system))
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--settle", type=int, default=75, help="seconds after the start before anything is measured; the JVM trims its native heap after 60")
    parser.add_argument("--seconds", type=int, default=60, help="how long processor time is counted")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--java-options", default="", help="added to those of all programs of the fleet")
    options = parser.parse_args()
    CONTROLLER.exists() or sys.exit("build first: mvn -DskipTests package")

    folder = pathlib.Path(tempfile.mkdtemp(prefix="flotilla-bench-"))
    state, ready, log = folder / "state", folder / "ready", folder / "log"
    print(f"load before: {bench.load_average()}")
    with log.open("w") as out:
        fleet = subprocess.Popen(
            [CONTROLLER, "local", "--sample", "--state", state, "--ready-file", ready, "--port", "0", "--dns-port", "0", "--start-within", "170"],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.PIPE, env={**os.environ, "FLOTILLA_JAVA_OPTIONS": options.java_options})
    missed = False
    try:
        regions = await_ready(ready, fleet, log)["regions"]
        time.sleep(options.settle)
        before = {region: processor_ms(node["agentPid"]) for region, node in regions.items()}
        time.sleep(options.seconds)
        for region, node in regions.items():
            pid = node["agentPid"]
            configuration = (state / "regions" / region / "agent.conf").read_text()
            interval = float(re.search(r"poll-interval = ([0-9.]+)s", configuration).group(1))
            cycle = (processor_ms(pid) - before[region]) / (options.seconds / interval)
            resident, most = memory_mib(pid, "VmRSS"), memory_mib(pid, "VmHWM")
            print(f"agent of {region}: {resident:.1f} MiB resident ({most:.1f} at most), bound {RESIDENT_MIB}; "
                  f"{cycle:.1f} ms of processor time a cycle, bound {CYCLE_MS}")
            missed |= resident >= RESIDENT_MIB or cycle >= CYCLE_MS
        region, node = next(iter(regions.items()))
        figures = starts(state, region, node["agentPid"], options.starts)
        for what, seconds in (("until the release is judged", [wall for wall, _ in figures]), ("of processor time", [cpu for _, cpu in figures])):
            print(f"start: {statistics.median(seconds):.2f} s {what} ({min(seconds):.2f}-{max(seconds):.2f})")
    finally:
        fleet.send_signal(signal.SIGTERM)
        fleet.wait()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"load after: {bench.load_average()}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
