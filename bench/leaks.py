#!/usr/bin/env python3
"""Whether anything piles up in the mirror: memory, mappings, open files and threads after much of everything.

    bench/leaks.py [--seconds 45] [--watched 20] [--json FILE]

Needs wrk, h2load and openssl (Debian: wrk nghttp2-client openssl), the built mirror (mvn -DskipTests package), and jcmd of its JDK.
At once: pages, files, parts of files, unchanged pages, HTTP/2 by HTTPS, unknown names, pages and files that are new (in a store too small for all of them),
answers that their clients leave in the middle, plain and encrypted, and slow clients. First for --watched seconds with
Netty's leak detector at its most careful (paranoid), which must find nothing. Then anew without it, in four quarters of --seconds each; after each of them everybody leaves, garbage
is collected, and what is left is looked at. The last quarter may have left little more than the second one. Exit code 1 where something piles up.
"""

import argparse
import contextlib
import hashlib
import json
import pathlib
import random
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

import bench

PAGE, LARGE = "/simple/bench-40/", "/simple/bench-3600/"
NEW_SIZE, LARGE_SIZE = 100_000, 8 << 20
# So large are the pages that there is soon no room for all of them
OTHERS, LARGE_OTHERS = 60, 2000
# What caches of the JVM and the C library may still take after half of the time
SLACK = {"heap": 6 << 20, "direct": 12 << 20, "mapped": 4 << 20, "mappings": 40, "descriptors": 20, "threads": 4}
PARTS_LUA = """
local count = 0
function request()
  count = count + 1
  local from = count * 7919 %% 8000000
  return wrk.format("GET", "%s", {["Range"] = "bytes=" .. from .. "-" .. (from + count %% 60000)})
end
"""
UNKNOWN_LUA = """
local count = 0
function request() count = count + 1; return wrk.format("GET", "/simple/unknown-" .. (count % 3000) .. "/") end
"""


def wheel(project: str, size: int) -> tuple:
    """Its path and bytes."""
    body = random.Random(project).randbytes(size)
    digest = hashlib.blake2b(body, digest_size=32).hexdigest()
    return f"/packages/{digest[:2]}/{digest[2:4]}/{digest[4:]}/{project.replace('-', '_')}-1.0-py3-none-any.whl", body


class Index:
    """Two pages, a large file, and as many new projects with a file each as are asked for."""

    def __init__(self):
        self.files = {}
        self.large = self.offer("bench-large", LARGE_SIZE)

    def offer(self, project: str, size: int) -> str:
        path, body = wheel(project, size)
        self.files[path] = (project, size, hashlib.sha256(body).hexdigest())
        return path

    def answer(self, path: str):
        fresh = {"Content-Type": bench.JSON, "Cache-Control": "max-age=86400"}
        if path in (PAGE, LARGE):
            return bench.page(path[8:-1], int(path.split("-")[1][:-1])), fresh
        if path in self.files:
            return wheel(*self.files[path][:2])[1], {"Cache-Control": "max-age=86400"}
        project = path[8:-1]
        if not (project.startswith(("new-", "large-")) or project == "bench-large"):
            return None
        if project.startswith("large-"):
            return bench.page(project, LARGE_OTHERS), fresh
        file = self.offer(project, NEW_SIZE if project.startswith("new-") else LARGE_SIZE)
        document = json.loads(bench.page(project, OTHERS, "2"))
        document["files"].insert(0, {"filename": file.rpartition("/")[2], "url": file, "hashes": {"sha256": self.files[file][2]}, "size": self.files[file][1]})
        return json.dumps(document).encode(), fresh


class Load:
    """All kinds of clients at once."""

    def __init__(self, site: bench.Site, index: Index, port: int, encrypted: int):
        self.site, self.index, self.port, self.encrypted = site, index, port, encrypted
        self.over = threading.Event()
        self.counts, self.trouble, self.fresh = {}, [], 0
        self.lock = threading.Lock()
        self.parts, self.unknown = site.folder / "parts.lua", site.folder / "unknown.lua"
        self.parts.write_text(PARTS_LUA % index.large)
        self.unknown.write_text(UNKNOWN_LUA)

    def counted(self, name: str, count: int = 1) -> None:
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + count

    def run(self, name: str, command: list, pattern: str) -> None:
        run = subprocess.run(command, capture_output=True, text=True)
        found = re.search(pattern, run.stdout)
        if run.returncode or not found:
            self.trouble.append(f"{name}: {run.stdout}{run.stderr}")
        else:
            self.counted(name, int(found[1]))

    def leave_in_the_middle(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for number in range(1 << 60):
            if self.over.is_set():
                return
            # What is left stays where it was, unless it goes as others come: so some are large pages that are new
            fresh = f"/simple/large-{id(self)}-{threading.get_ident()}-{number}/"
            path = (LARGE, self.index.large, PAGE, LARGE, self.index.large, fresh)[number % 6]
            with contextlib.suppress(OSError), socket.socket() as plain:
                plain.settimeout(60)
                # Less than the answers have, or all of them would have been sent
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                plain.connect(("127.0.0.1", self.encrypted if number % 4 == 3 else self.port))
                client = context.wrap_socket(plain) if number % 4 == 3 else plain
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: {bench.JSON}\r\n\r\n".encode())
                client.recv(1 + number % 5000)
                client.close()
            self.counted("left in the middle")

    def ask_for_new(self) -> None:
        client = bench.Client(self.port)
        while not self.over.is_set():
            with self.lock:
                self.fresh += 1
                project = f"new-{self.fresh}"
            client.connection.request("GET", f"/simple/{project}/", headers={"Accept": bench.JSON})
            page = client.connection.getresponse()
            body = page.read()
            if page.status == 200:
                url = next(file["url"] for file in json.loads(body)["files"] if file["size"] == NEW_SIZE)
                client.connection.request("GET", urllib.parse.urljoin(f"/simple/{project}/", url))
                client.connection.getresponse().read()
            self.counted("new")

    def go(self, seconds: int) -> None:
        """Everything for so long; nobody is connected afterwards."""
        base = f"http://127.0.0.1:{self.port}"
        client = bench.Client(self.port)
        client.connection.request("GET", PAGE, headers={"Accept": bench.JSON, "Accept-Encoding": "gzip"})
        answer = client.connection.getresponse()
        answer.read()
        tag = answer.getheader("ETag")
        client.connection.close()
        wrk = ["wrk", "-t", "1", "-d", f"{seconds}s", "--timeout", "60s", "-H", f"Accept: {bench.JSON}", "-H", "Accept-Encoding: gzip"]
        asked = r"(\d+) requests in"
        h2 = ["h2load", "-t", "1", "-c", "8", "-m", "8", "-D", str(seconds), "-H", f"accept: {bench.JSON}"]
        runs = [("pages", [*wrk, "-c", "32", base + PAGE], asked), ("files", [*wrk, "-c", "4", base + self.index.large], asked),
                ("parts", [*wrk, "-c", "8", "-s", str(self.parts), base], asked), ("unchanged", [*wrk, "-c", "8", "-H", f"If-None-Match: {tag}", base + PAGE], asked),
                ("unknown", [*wrk, "-c", "4", "-s", str(self.unknown), base], asked),
                ("HTTP/2", [*h2, f"https://127.0.0.1:{self.encrypted}{PAGE}"], r"requests: (\d+) total"),
                ("HTTPS", [*wrk, "-c", "8", f"https://127.0.0.1:{self.encrypted}{PAGE}"], asked)]
        self.over.clear()
        slow = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("slow.py"), str(self.port), "300", PAGE, LARGE], stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL)
        threads = [threading.Thread(target=self.run, args=run) for run in runs]
        threads += [threading.Thread(target=each) for each in (*[self.leave_in_the_middle] * 2, *[self.ask_for_new] * 4)]
        for thread in threads:
            thread.start()
        for thread in threads[:len(runs)]:
            thread.join()
        self.over.set()
        for thread in threads[len(runs):]:
            thread.join()
        slow.stdin.close()
        slow.wait(60)


def left(process: subprocess.Popen, store: pathlib.Path) -> dict:
    """What the mirror has, once it has no more clients and no garbage. Bytes and numbers."""
    descriptors = -1
    for _ in range(60):
        before, descriptors = descriptors, len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))
        if before == descriptors:
            break
        # Longer than a connection is kept for what may still come on it
        time.sleep(6)
    heap = min(bench.live_heap(process.pid) for _ in range(3))
    memory = subprocess.run([bench.jcmd(), str(process.pid), "VM.native_memory", "summary"], check=True, capture_output=True, text=True).stdout
    maps = [line.split()[0].split("-") for line in pathlib.Path(f"/proc/{process.pid}/maps").read_text().splitlines() if str(store) in line]
    threads = re.search(r"^Threads:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
    return {"heap": heap, "direct": int(re.search(r"Other \(reserved=(\d+)KB", memory)[1]) << 10,
            "mapped": sum(int(end, 16) - int(begin, 16) for begin, end in maps), "mappings": len(maps), "descriptors": descriptors, "threads": int(threads[1]),
            "resident": bench.resident(process)[0]}


def start(site: bench.Site, index: Index, certificate: bench.Certificate, java_options: str) -> tuple:
    encrypted = bench.free_port()
    more = f"""tls {{ host = "127.0.0.1", port = {encrypted}, certificate = "{certificate.certificate}", key = "{certificate.key}" }}
  pages {{ memory = 6 MiB }}"""
    port, process = site.mirror(site.upstream(index.answer), more, java_options, budget="24 MiB")
    for path in (PAGE, LARGE, "/simple/bench-large/"):
        bench.Client(port).get(path)
    client = bench.Client(port)
    client.connection.request("GET", index.large)
    client.connection.getresponse().read()
    return Load(site, index, port, encrypted), process, max(site.folder.glob("mirror-*"), key=lambda folder: folder.stat().st_ctime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=45, help="of each quarter")
    parser.add_argument("--watched", type=int, default=20, help="seconds with the leak detector")
    parser.add_argument("--java-options", default="")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    bench.need("wrk", "h2load", "openssl")
    print(f"load before: {bench.load_average()}", flush=True)
    wrong = []
    with bench.site() as site:
        certificate = bench.Certificate(site.folder)
        load, process, folder = start(site, Index(), certificate, f"-Dio.netty.leakDetection.level=paranoid {options.java_options}")
        load.go(options.watched)
        # A leak is told of when garbage has been collected and another buffer is taken.
        bench.live_heap(process.pid)
        load.go(2)
        found = [line for line in (folder / "mirror.log").read_text().splitlines() if "LEAK:" in line]
        wrong += found[:3] + load.trouble
        print(f"watched: {sum(load.counts.values()):,} requests, {len(found)} leaks", flush=True)
        process.terminate()
        process.wait()

        load, process, folder = start(site, Index(), certificate, f"-XX:NativeMemoryTracking=summary {options.java_options}")
        quarters = []
        for number in range(4):
            load.go(options.seconds)
            quarters.append(left(process, folder / "store"))
            print(f"after quarter {number + 1}: " + ", ".join(f"{name} {value:,}" for name, value in quarters[-1].items()), flush=True)
        wrong += load.trouble
        wrong += [f"{name} piles up: {quarters[1][name]:,} after the second quarter, {quarters[3][name]:,} after the last one"
                  for name, slack in SLACK.items() if quarters[3][name] > quarters[1][name] + slack]
    print("asked: " + ", ".join(f"{name} {count:,}" for name, count in sorted(load.counts.items())) + f"; {sum(load.counts.values()):,} in all")
    print(f"load after: {bench.load_average()}")
    if options.json:
        options.json.write_text(json.dumps({"quarters": quarters, "asked": load.counts, "wrong": wrong}, indent=1) + "\n")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
