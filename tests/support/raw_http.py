"""Bytes to a server and back, for requests that no client would send."""

import re
import socket


def exchange(port, data, pieces=None, timeout=60):
    """Sends `data` (or each of `pieces`), and returns all that comes back until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as peer:
        for piece in pieces or [data]:
            try:
                peer.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        return read_all(peer)


def read_all(peer):
    """(what came, whether the server closed)."""
    got = b""
    while True:
        try:
            piece = peer.recv(65536)
        except TimeoutError:
            return got, False
        except ConnectionResetError:
            return got, True
        if not piece:
            return got, True
        got += piece


def statuses(answer):
    """The status of each HTTP/1.1 response in `answer`, in order."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n", answer)]


# -- HTTP/2 -----------------------------------------------------------------------------------------------------

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS = 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def field(name, value):
    """HPACK: a literal that is not indexed, without Huffman coding; whatever bytes it has."""
    def text(content):
        content = content.encode("latin-1") if isinstance(content, str) else content
        if len(content) < 127:
            return bytes([len(content)]) + content
        rest, length = len(content) - 127, b"\x7f"
        while rest >= 128:
            length += bytes([rest % 128 + 128])
            rest //= 128
        return length + bytes([rest]) + content
    return b"\x00" + text(name) + text(value)


def request_fields(path="/_millrace/health", method="GET", scheme="http", authority="localhost", more=()):
    pseudo = [(":method", method), (":scheme", scheme), (":path", path), (":authority", authority)]
    return [(name, value) for name, value in pseudo if value is not None] + list(more)


class Http2Peer:
    """Sends the frames it is told to, and reads what comes."""

    def __init__(self, port, timeout=60):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.sendall(PREFACE + frame(SETTINGS, 0, 0))
        self.buffer = b""

    def headers(self, fields, stream=1, flags=END_HEADERS | END_STREAM):
        self.socket.sendall(frame(HEADERS, flags, stream, b"".join(field(*each) for each in fields)))

    def frames(self):
        """(kind, flags, stream, payload) until the server closes; TimeoutError where it is silent."""
        while True:
            while len(self.buffer) >= 9:
                size = int.from_bytes(self.buffer[:3], "big")
                if len(self.buffer) < 9 + size:
                    break
                head, payload = self.buffer[:9], self.buffer[9:9 + size]
                self.buffer = self.buffer[9 + size:]
                yield head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7FFFFFFF, payload
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                return
            if not piece:
                return
            self.buffer += piece

    def outcome(self, stream=1):
        """What becomes of a stream: "reset", "goaway", "closed", or the body of its answer."""
        body = b""
        for kind, flags, of, payload in self.frames():
            if kind == GOAWAY:
                return "goaway"
            if of != stream:
                continue
            if kind == RST_STREAM:
                return "reset"
            if kind == DATA:
                body += payload
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return body.decode()
        return "closed"

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
