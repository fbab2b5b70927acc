#!/usr/bin/env python3
"""A large store: how soon the mirror is ready after a start, when its books are whole, and what they take of the heap.

    bench/large-store.py [--files 1000000] [--folder FOLDER] [--heap 256m] [--keep]

Makes a store of small files with one path each (two inodes a file: on some file systems that takes minutes), starts the built
mirror on it (mvn -DskipTests package) twice, once with the file system's caches dropped where root may do that, and prints for
each start: milliseconds until /readyz says 200, seconds until all files are in the books, live heap in bytes a file
(after a full collection, less that of a mirror with an empty store). The heap is the one that the program ships with. Everything stays on loopback and in a temporary folder.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import bench

ROOT = pathlib.Path(__file__).resolve().parent.parent


def make(store: pathlib.Path, files: int) -> None:
    for part in ("blobs", "paths", "pages", "temporary"):
        for folder in range(256):
            (store / part / f"{folder:02x}").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(store / "temporary")
    (store / "format").write_text("flotilla store 1\n")
    for number in range(files):
        content = b"%d" % number
        digest = hashlib.sha256(content)
        name = digest.hexdigest()
        with open(store / "blobs" / name[:2] / name[2:], "wb") as blob:
            blob.write(content)
        path = hashlib.sha256(b"path %d" % number).hexdigest()[:32]
        text = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        os.symlink(text, store / "paths" / path[:2] / path[2:])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def await_condition(condition, process: subprocess.Popen, what: str, seconds: float = 600):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit(f"the mirror ended with {process.returncode}")
        try:
            value = condition()
            if value:
                return value
        except (urllib.error.URLError, ConnectionError, OSError):
            pass
        time.sleep(0.01)
    sys.exit(f"{what} did not come within {seconds} s")


def run(program: pathlib.Path, work: pathlib.Path, store: pathlib.Path, files: int, heap: str) -> dict:
    port, operations = free_port(), free_port()
    configuration = work / "mirror.conf"
    configuration.write_text(f"""flotilla.mirror {{
  region = "bench", node = "bench-1"
  listen {{ host = "127.0.0.1", port = {port} }}
  operations {{ host = "127.0.0.1", port = {operations} }}
  upstreams = [ {{ name = "bench", index = "http://127.0.0.1:9/simple/" }} ]
  store {{ path = "{store}", budget = 1000 GiB, scrub-rate = off, free-floor = 0 }}
}}
""")
    environment = dict(os.environ, FLOTILLA_JAVA_OPTIONS=f"-Xmx{heap}")
    start = time.monotonic()
    with (work / "mirror.log").open("w") as log:
        process = subprocess.Popen([program, "--config", configuration], stdout=log, stderr=log, env=environment)
    try:
        await_condition(lambda: get(f"http://127.0.0.1:{operations}/readyz"), process, "readiness")
        ready = time.monotonic() - start

        def whole() -> bool:
            found = re.search(r'flotilla_mirror_store_entries\{part="files"\} ([0-9.E]+)', get(f"http://127.0.0.1:{operations}/metrics"))
            return bool(found) and float(found.group(1)) >= files

        await_condition(whole, process, "the books")
        read = time.monotonic() - start
        # The paths are read after the files; what they take comes on top, so the heap is looked at when it no longer grows.
        last, live = -1, bench.live_heap(process.pid)
        while abs(live - last) > 100_000:
            time.sleep(1)
            last, live = live, bench.live_heap(process.pid)
        return {"ready-ms": round(ready * 1000), "read-s": round(read, 1), "live": live}
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--files", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=pathlib.Path)
    arguments.add_argument("--heap", default="256m")
    arguments.add_argument("--keep", action="store_true")
    given = arguments.parse_args()
    archives = sorted((ROOT / "mirror/target").glob("flotilla-mirror*.tar.gz"))
    if not archives:
        sys.exit("mirror/target has no archive: mvn -DskipTests package")
    work = pathlib.Path(tempfile.mkdtemp(prefix="large-store-", dir=given.folder))
    try:
        subprocess.run(["tar", "-xzf", archives[-1], "-C", work], check=True)
        program = next(work.glob("*/bin/mirror"), None) or next(work.rglob("bin/mirror"))
        empty = run(program, work, work / "empty", 0, given.heap)
        begin = time.monotonic()
        make(work / "store", given.files)
        print(f"made {given.files} files in {time.monotonic() - begin:.0f} s", flush=True)
        for caches in ("warm", "cold"):
            if caches == "cold":
                try:
                    os.sync()
                    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
                except OSError as refused:
                    print(f"caches can't be dropped: {refused}")
                    continue
            figures = run(program, work, work / "store", given.files, given.heap)
            figures["bytes-per-file"] = round((figures.pop("live") - empty["live"]) / given.files, 1)
            print(json.dumps({"caches": caches, **figures}), flush=True)
    finally:
        if given.keep:
            print(work)
        else:
            shutil.rmtree(work)


if __name__ == "__main__":
    main()
