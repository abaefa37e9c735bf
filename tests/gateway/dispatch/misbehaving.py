"""A category server that misbehaves, each category in its own way. Started by the tests as a real process."""

import os
import signal
import socket
import struct
import sys

import msgspec

from trunkline.contract.wire import Hello


def main(arguments: list[str]) -> None:
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    category = options["--category"]
    sys.stderr.write(f"this is {category}, misbehaving\n")
    if category == "code":  # ends before it says hello
        sys.exit(3)
    if category == "comms":  # never says hello
        signal.pause()
    stream = socket.socket(fileno=int(options["--socket"]))
    hello = msgspec.msgpack.encode(Hello(category, os.getpid()))
    stream.sendall(struct.pack("<I", len(hello)) + hello)
    if category == "pm":  # takes calls, and never answers anything
        signal.pause()
    stream.recv(4)  # ai: ends at the first call
    os._exit(9)


main(sys.argv[1:])
