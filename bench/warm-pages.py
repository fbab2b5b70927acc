#!/usr/bin/env python3
"""Warm project pages: the mirror beside nginx's proxy_cache, same bytes, same machine, in turn.

    bench/warm-pages.py [--rounds 5] [--seconds 5] [--connections 64] [--files 3600,40]

Needs wrk and nginx (Debian packages of these names) and the built mirror (mvn -DskipTests package). Prints requests a second as
medians with their spread, and the ratio of the medians, mirror to nginx. Everything stays on loopback and in a temporary folder.
"""

import argparse
import gzip
import hashlib
import http.server
import json
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
MIRROR = ROOT / "mirror/target/flotilla-mirror/flotilla-mirror/bin/mirror"
ACCEPT = "application/vnd.pypi.simple.v1+json"


def page(project: str, files: int) -> bytes:
    """A page as PyPI's: every file with digest, size, time and metadata."""
    entries = []
    for number in range(files):
        name = f"{project.replace('-', '_')}-1.{number}-py3-none-any.whl"
        digest = hashlib.sha256(name.encode()).hexdigest()
        path = hashlib.blake2b(name.encode(), digest_size=32).hexdigest()
        entries.append({
            "filename": name,
            "url": f"/packages/{path[:2]}/{path[2:4]}/{path[4:]}/{name}",
            "hashes": {"sha256": digest},
            "requires-python": ">=3.9",
            "size": 10_000 + number,
            "upload-time": "2026-01-01T00:00:00.000000Z",
            "yanked": False,
            "core-metadata": {"sha256": hashlib.sha256(digest.encode()).hexdigest()},
        })
    document = {"meta": {"api-version": "1.4"}, "name": project, "versions": [f"1.{n}" for n in range(files)], "files": entries}
    return json.dumps(document).encode()


class Upstream(http.server.BaseHTTPRequestHandler):
    """Hands out bytes by path; nginx gets exactly what the mirror serves."""
    protocol_version = "HTTP/1.1"
    bodies: dict = {}

    def do_GET(self):
        body, headers = self.bodies.get(self.path, (b"", None))
        self.send_response(200 if headers else 404)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(300):
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{process.args[0]} does not listen on {port}")


def start_mirror(work: pathlib.Path, upstream: int) -> tuple:
    port, operations = free_port(), free_port()
    configuration = work / "mirror.conf"
    configuration.write_text(f"""flotilla.mirror {{
  region = "bench", node = "bench-1"
  listen {{ host = "127.0.0.1", port = {port} }}
  operations {{ host = "127.0.0.1", port = {operations} }}
  upstreams = [ {{ name = "bench", index = "http://127.0.0.1:{upstream}/simple/" }} ]
  store {{ path = "{work}/store", budget = 1 GiB }}
}}
""")
    process = subprocess.Popen([MIRROR, "--config", configuration], stdout=(work / "mirror.log").open("w"), stderr=subprocess.STDOUT)
    wait_for(port, process)
    return port, process


def start_nginx(work: pathlib.Path, upstream: int) -> tuple:
    port = free_port()
    work.chmod(0o755)
    configuration = work / "nginx.conf"
    configuration.write_text(f"""daemon off; worker_processes auto; pid {work}/nginx.pid; error_log {work}/nginx.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; keepalive_requests 1000000; open_file_cache max=1000;
  proxy_cache_path {work}/cache levels=1:2 keys_zone=pages:10m max_size=1g inactive=1d use_temp_path=off;
  client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  server {{
    listen 127.0.0.1:{port} reuseport;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_cache pages; proxy_cache_valid 200 1d; proxy_set_header Accept-Encoding gzip; }}
  }}
}}
""")
    process = subprocess.Popen(["nginx", "-e", work / "nginx-start.log", "-c", configuration])
    wait_for(port, process)
    return port, process


def get(port: int, path: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": ACCEPT, "Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def load(port: int, path: str, options) -> float:
    command = ["wrk", "-t", "2", "-c", str(options.connections), "-d", f"{options.seconds}s", "-H", f"Accept: {ACCEPT}", "-H", "Accept-Encoding: gzip",
               f"http://127.0.0.1:{port}{path}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(said)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", said).group(1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--files", default="3600,40")
    options = parser.parse_args()
    for tool in ("wrk", "nginx"):
        shutil.which(tool) or sys.exit(f"needs {tool}: apt-get install {tool}")
    MIRROR.exists() or sys.exit("build first: mvn -DskipTests package")

    work = pathlib.Path(tempfile.mkdtemp(prefix="flotilla-bench-"))
    processes = []
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for path in ("mirror", "nginx"):
            (work / path).mkdir(parents=True)
        work.chmod(0o755)
        mirror, process = start_mirror(work / "mirror", server.server_port)
        processes.append(process)
        nginx, process = start_nginx(work / "nginx", server.server_port)
        processes.append(process)
        print("| files on the page | gzip bytes | mirror, requests/s | nginx, requests/s | ratio |\n|---|---|---|---|---|")
        for files in map(int, options.files.split(",")):
            project = f"bench-{files}"
            path = f"/simple/{project}/"
            Upstream.bodies[path] = (page(project, files), {"Content-Type": ACCEPT, "Cache-Control": "max-age=600"})
            served = get(mirror, path)
            Upstream.bodies[path] = (served, {"Content-Type": ACCEPT, "Content-Encoding": "gzip", "Cache-Control": "max-age=600"})
            if get(nginx, path) != served or len(json.loads(gzip.decompress(served))["files"]) != files:
                sys.exit("the two serve different bytes")
            rates = {"mirror": [], "nginx": []}
            for port in (mirror, nginx):
                load(port, path, argparse.Namespace(connections=options.connections, seconds=3))
            for _ in range(options.rounds):
                rates["mirror"].append(load(mirror, path, options))
                rates["nginx"].append(load(nginx, path, options))
            shown = {name: f"{statistics.median(rate):,.0f} ({min(rate):,.0f}–{max(rate):,.0f})" for name, rate in rates.items()}
            ratio = statistics.median(rates["mirror"]) / statistics.median(rates["nginx"])
            print(f"| {files} | {len(served):,} | {shown['mirror']} | {shown['nginx']} | {ratio:.2f} |", flush=True)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
