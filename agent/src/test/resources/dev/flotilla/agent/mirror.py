#!/usr/bin/env python3
"""A mirror as its agent sees one: it judges configurations, becomes ready, ends when asked. Its configuration says how it fails."""

import http.server
import os
import re
import signal
import sys
import threading
import time


def setting(text, key, otherwise):
    found = re.search(key + r"\s*=\s*(\S+)", text)
    return found.group(1) if found else otherwise


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def check(path):
    mode = setting(read(path), "mode", "good")
    if any(name.startswith("AWS_") for name in os.environ):
        print("the key to the bucket is in the environment", file=sys.stderr)
        sys.exit(1)
    if mode == "refused":
        print(f"{path}:1: flotilla.mirror.listen.port: is missing", file=sys.stderr)
        sys.exit(1)
    if mode == "check-hangs":
        time.sleep(600)
    if mode == "check-floods":
        while True:
            sys.stderr.write("x" * 65536)
    print("the configuration is right")
    sys.exit(0)


def serve(path, until_stdin_closes):
    text = read(path)
    mode = setting(text, "mode", "good")
    if mode == "dies":
        print("port 8080 is in use by another program", file=sys.stderr)
        sys.exit(3)
    if mode == "ignores-term":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))

    class Handler(http.server.BaseHTTPRequestHandler):
        unready = False

        def do_GET(self):
            status, body = 404, ""
            if self.path == "/readyz":
                status = 503 if mode == "never-ready" or Handler.unready else 200
                body = "not ready: store\n" if status == 503 else "ready east east-1\n"
            elif self.path == "/name":
                status, body = 200, setting(text, "name", "none")
            elif self.path == "/unready":
                Handler.unready, status = True, 200
            elif self.path == "/environment":
                status, body = 200, "\n".join(sorted(os.environ))
            elif self.path.startswith("/print/"):
                status = 200
                print("x" * int(self.path[7:]), flush=True)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments):
            pass

    class Server(http.server.ThreadingHTTPServer):
        allow_reuse_address = True
        daemon_threads = True

    if until_stdin_closes:
        def wait():
            while os.read(0, 512):
                pass
            os._exit(0)
        threading.Thread(target=wait, daemon=True).start()
    server = Server(("127.0.0.1", int(setting(text, "port", "0"))), Handler)
    print("serving", flush=True)
    server.serve_forever()


if sys.argv[1] == "check":
    check(sys.argv[2])
else:
    serve(sys.argv[sys.argv.index("--config") + 1], "--until-stdin-closes" in sys.argv)
