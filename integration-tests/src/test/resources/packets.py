"""Packets of a test's own.
usage: packets.py answer PLACE...   sends back what comes to each PLACE, protocol,address,port, until it is killed
       packets.py ask SECONDS TRY...  for each TRY, protocol,from,to,port, a line: answered or silent
"""

import socket
import sys
import threading

KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def made(protocol, address):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, KINDS[protocol])


def answer(protocol, address, port):
    here = made(protocol, address)
    here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    here.bind((address, int(port)))

    def serve():
        while True:
            if protocol == "tcp":
                there, _ = here.accept()
                with there:
                    there.sendall(b"here\n")
            else:
                said, who = here.recvfrom(100)
                here.sendto(said, who)

    if protocol == "tcp":
        here.listen()
    return threading.Thread(target=serve)


def ask(seconds, protocol, source, target, port, outcome, number):
    try:
        with made(protocol, target) as here:
            here.settimeout(seconds)
            here.bind((source, 0))
            here.connect((target, int(port)))
            if protocol == "udp":
                here.send(b"there\n")
                here.recv(100)
        outcome[number] = "answered"
    except OSError as failed:
        outcome[number] = "silent" if isinstance(failed, (TimeoutError, PermissionError)) else repr(failed)


if sys.argv[1] == "answer":
    threads = [answer(*place.split(",")) for place in sys.argv[2:]]
    print("ready", flush=True)
else:
    outcome = [""] * len(sys.argv[3:])
    threads = [
        threading.Thread(target=ask, args=[float(sys.argv[2]), *tried.split(","), outcome, number])
        for number, tried in enumerate(sys.argv[3:])
    ]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
if sys.argv[1] == "ask":
    for tried, result in zip(sys.argv[3:], outcome):
        print(tried, result)
