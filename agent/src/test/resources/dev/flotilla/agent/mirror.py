#!/usr/bin/env python3
"""A mirror as its agent sees one: it judges configurations, becomes ready, ends when asked. Its configuration says how it fails."""

import http.server
import os
import re
import select
import signal
import socket
import sys
import threading
import time


def setting(text, key, otherwise):
    found = re.search(key + r"\s*=\s*(\S+)", text)
    return found.group(1).strip('"') if found else otherwise


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


class HandOver:
    """Two processes with one listening socket: the one that serves gives it away, and accepts nothing while the other one lives."""

    def __init__(self, port):
        self.prefix = f"flotilla-test-{port}-"
        self.accepting = threading.Event()
        self.listener = None
        self.conversation = None
        self.leaving = False
        self.lock = threading.Lock()
        self.answering = 0

    def predecessor(self):
        """Asks whoever serves now for the socket."""
        for line in read("/proc/net/unix").splitlines():
            name = line.split(" ")[-1]
            if name.startswith("@" + self.prefix):
                try:
                    conversation = socket.socket(socket.AF_UNIX)
                    conversation.connect("\0" + name[1:])
                    fds = socket.recv_fds(conversation, 1, 1)[1]
                except OSError:
                    continue
                if fds:
                    self.conversation = conversation
                    return socket.socket(fileno=fds[0])
        return None

    def serve(self, listener):
        self.listener = listener
        listener.setblocking(False)
        self.accepting.set()
        if self.conversation:
            self.conversation.send(b"serving")
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind("\0" + self.prefix + str(os.getpid()))
        self.door.listen()
        threading.Thread(target=self.offer, daemon=True).start()

    def offer(self):
        while True:
            visitor = self.door.accept()[0]
            socket.send_fds(visitor, [b"x"], [self.listener.fileno()])
            if visitor.recv(16):
                self.accepting.clear()
                while visitor.recv(16):
                    pass
                if not self.leaving:
                    self.accepting.set()

    def accepted(self):
        while True:
            self.accepting.wait()
            if not select.select([self.listener], [], [], 0.02)[0]:
                continue
            self.count(1)
            try:
                accepted = self.accepting.is_set() and self.listener.accept()
            except BlockingIOError:
                accepted = None
            if accepted:
                accepted[0].setblocking(True)
                yield accepted
            else:
                self.count(-1)

    def count(self, more):
        with self.lock:
            self.answering += more

    def leave(self, until=None):
        """Ends once all have their answers, and not before a file is there. The process before serves at once."""
        self.leaving = True
        self.accepting.clear()
        if self.conversation:
            self.conversation.close()

        def wait():
            self.door.close()
            while self.answering or (until and not os.path.exists(until)):
                time.sleep(0.01)
            os._exit(0)
        threading.Thread(target=wait).start()


def serve(path, until_stdin_closes, takes_over):
    text = read(path)
    mode = setting(text, "mode", "good")
    if mode == "dies":
        print("port 8080 is in use by another program", file=sys.stderr)
        sys.exit(1)
    if mode == "too-old" and takes_over:
        print("Unknown options: '--take-over', '--on-trial'", file=sys.stderr)
        sys.exit(2)
    if mode == "another-store" and takes_over:
        print("port 8080 is in use by another program", file=sys.stderr)
        sys.exit(3)
    if mode == "hangs":
        time.sleep(600)
    port = int(setting(text, "port", "0"))
    region, node = setting(text, "region", "east"), setting(text, "node", "east-1")
    hand_over = HandOver(port)
    if mode == "ignores-term":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        until = setting(text, "until", "") if mode == "lingers" else None
        signal.signal(signal.SIGTERM, lambda number, frame: hand_over.leave(until))

    keeper = os.environ.get("FLOTILLA_MIRROR_KEEPER", "/nowhere")

    class Handler(http.server.BaseHTTPRequestHandler):
        unready = False
        purges = []

        def do_GET(self):
            status, body = 404, ""
            if self.path == "/readyz":
                status = 503 if mode == "never-ready" or Handler.unready else 200
                body = "not ready: store\n" if status == 503 else f"ready {region} {node}\nprocess {os.getpid()}\n"
                if status == 200 and any(os.path.exists(f"{keeper}/drained-by-{who}") for who in ("node", "fleet")):
                    status, body = 503, f"drained {region} {node}\nprocess {os.getpid()}\n"
            elif self.path == "/purges":
                status, body = 200, " ".join(Handler.purges)
            elif self.path == "/name":
                status, body = 200, setting(text, "name", "none")
            elif self.path == "/unready":
                Handler.unready, status = True, 200
            elif self.path == "/metrics":
                status = 200
                body = ('flotilla_mirror_store_bytes{part="files"} 1.5E3\n# a comment\nflotilla_mirror_store_bytes{part="pages"} 500.0\n'
                        'flotilla_mirror_pages_fetches_total{outcome="fetched"} 5.0\nflotilla_mirror_pages_fetches_total{outcome="failed"} 2.0\n'
                        'flotilla_mirror_pages_fetches_total{outcome="not-asked"} 1.0\nflotilla_upstream_circuit_open{host="a",upstream="b"} 1.0\n'
                        'flotilla_mirror_requests_seconds_count{cache="hit",route="project",status="200"} 9\n'
                        'flotilla_mirror_requests_seconds_count{cache="stale",route="project",status="200"} 4\n'
                        'flotilla_mirror_store_budget_bytes{part="files"} 9.0E3\nflotilla_mirror_store_budget_bytes{part="pages"} 1000.0\n')
            elif self.path == "/served" and setting(text, "served", ""):
                # What it says that it gave out last: 'nothing', or a path of a file.
                file = setting(text, "served", "")
                more = "" if file == "nothing" else f', "page": "/name", "file": "{file}"'
                status, body = 200, f'{{"listener": "127.0.0.1:{port}"{more}}}'
            elif self.path == "/pip.conf":
                answer = setting(text, "pip-conf", "200")
                status = int(answer)
            elif self.path == "/known":
                # How long each release does what: '‹status›', or a text in place of the known one.
                answer = setting(text, "known", "known")
                spoiled = setting(text, "spoiled-by", "")
                if spoiled and os.path.exists(spoiled):
                    answer = read(spoiled).strip()
                status, body = (int(answer), "") if answer.isdigit() else (200, answer)
            elif self.path == "/die":
                print("out of memory", flush=True)
                os._exit(3)
            elif self.path == "/environment":
                status, body = 200, "\n".join(sorted(os.environ))
            elif self.path.startswith("/print/"):
                status = 200
                print("x" * int(self.path[7:]), flush=True)
            self.answer(status, body)

        def do_POST(self):
            known = "Bearer " + read(f"{keeper}/token").strip()
            if self.headers.get("Authorization") != known:
                self.answer(401, "who is it?\n")
            elif os.path.exists(f"{keeper}/purges-fail"):
                self.answer(500, "the disk fails\n")
            elif os.path.exists(f"{keeper}/purges-refused") and read(f"{keeper}/purges-refused") in self.path:
                self.answer(400, "no such thing can be purged\n")
            else:
                Handler.purges.append(self.path.removeprefix("/purge?"))
                self.answer(200, "{}")

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *arguments):
            pass

    class Server(http.server.ThreadingHTTPServer):
        allow_reuse_address = True
        daemon_threads = True

        def process_request_thread(self, request, client_address):
            super().process_request_thread(request, client_address)
            hand_over.count(-1)

    if until_stdin_closes:
        def wait():
            while os.read(0, 512):
                pass
            os._exit(0)
        threading.Thread(target=wait, daemon=True).start()
    listener = hand_over.predecessor() if takes_over else None
    server = Server(("127.0.0.1", port), Handler, bind_and_activate=listener is None)
    hand_over.serve(listener or server.socket)
    print("serving", flush=True)
    for connection, address in hand_over.accepted():
        server.process_request(connection, address)


if sys.argv[1] == "check":
    check(sys.argv[2])
else:
    serve(sys.argv[sys.argv.index("--config") + 1], "--until-stdin-closes" in sys.argv, "--take-over" in sys.argv)
