#!/usr/bin/env python3
"""How long a mirror takes until it is ready, with the start cache that the build makes and without it.

    bench/start.py [--rounds 10] [--json FILE]

Ready is a 200 of /readyz, asked for every five milliseconds; time counts from the start of the start script. In each round each way comes once, in turn:
warm, and cold, where the system was asked to forget the files of the program and of Java before. What others have mapped it keeps, so nothing else
should run on that Java. The mirror begins with an empty store. With it stand processor time and resident memory in that moment. The exit code
says whether the promise holds: ready within a second with the cache, warm, in the median.
"""

import argparse
import http.client
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import bench

PROMISE_SECONDS = 1.0
PATIENCE_SECONDS = 120


def java_home() -> pathlib.Path:
    """The Java that the start script will find."""
    found = subprocess.run(["sh", "-c", f'. "{bench.ROOT}/packaging/find-java.sh"; flotilla_find_java && readlink -f "$JAVA"'],
                           capture_output=True, text=True, check=True)
    return pathlib.Path(found.stdout.strip()).parent.parent


def forget(folders: list) -> None:
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink():
                descriptor = os.open(file, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def start(program: pathlib.Path, folder: pathlib.Path) -> tuple:
    """Seconds until ready, processor seconds and resident MiB then."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    operations = bench.free_port()
    configuration = folder / "mirror.conf"
    configuration.write_text(f"""flotilla.mirror {{
  region = bench, node = bench-1
  listen {{ host = 127.0.0.1, port = 0 }}
  operations {{ host = 127.0.0.1, port = {operations} }}
  upstreams = [ {{ name = nobody, index = "http://127.0.0.1:1/simple/" }} ]
  store {{ path = "{folder}/store", budget = 1 GiB }}
}}
""")
    with (folder / "log").open("w") as log:
        begun = time.perf_counter()
        process = subprocess.Popen([program / "bin/mirror", "--config", configuration], stdout=log, stderr=subprocess.STDOUT)
        try:
            while not is_ready(operations):
                if process.poll() is not None or time.perf_counter() - begun > PATIENCE_SECONDS:
                    sys.exit(f"the mirror does not get ready: {(folder / 'log').read_text()}")
                time.sleep(0.005)
            seconds = time.perf_counter() - begun
            return seconds, bench.processor_seconds(process), bench.resident(process)[0] / bench.MIB
        finally:
            process.kill()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    bench.need()
    built = bench.MIRROR.parent.parent
    if not (built / "start.aot").exists():
        sys.exit(f"the build has left no start cache: run {built}/bin/make-start-cache, which says why")

    ways = {"warm, without the cache": [], "warm, with it": [], "cold, without the cache": [], "cold, with it": []}
    with bench.site() as site:
        bare = site.folder / "bare"
        shutil.copytree(built, bare, ignore=lambda folder, names: [name for name in names if name == "start.aot"])
        print(f"load before: {bench.load_average()}; start.aot has {(built / 'start.aot').stat().st_size / bench.MIB:.0f} MiB")
        for program in (bare, built):
            start(program, site.folder / "run")
        for _ in range(options.rounds):
            for way, figures in ways.items():
                program = built if way.endswith("with it") else bare
                if way.startswith("cold"):
                    forget([program, java_home()])
                figures.append(start(program, site.folder / "run"))
        print(f"load after: {bench.load_average()}")
    print("| | ready after, s (median) | least | most | processor, s | resident, MiB |\n|---|---|---|---|---|---|")
    for way, figures in ways.items():
        seconds, processor, resident = zip(*figures)
        print(f"| {way} | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} | {statistics.median(processor):.2f} "
              f"| {statistics.median(resident):.0f} |")
    if options.json:
        options.json.write_text(json.dumps(ways, indent=1))
    kept = statistics.median(each[0] for each in ways["warm, with it"]) <= PROMISE_SECONDS
    print(f"promise of {PROMISE_SECONDS:.0f} s: {'kept' if kept else 'MISSED'}")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
