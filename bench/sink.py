"""A table that keeps nothing: answers every BatchWriteItem at once, so that what a function costs by itself can be told."""

import contextlib
import socketserver
import subprocess
import sys
import zlib

BODY = b'{"UnprocessedItems":{}}'
ANSWER = (f"HTTP/1.1 200 OK\r\ndate: Sat, 21 Nov 2026 00:00:00 GMT\r\ncontent-type: application/x-amz-json-1.0\r\n"
          f"x-amzn-requestid: 00000000-0000-4000-8000-000000000000\r\nx-amz-crc32: {zlib.crc32(BODY)}\r\n"
          f"content-length: {len(BODY)}\r\n\r\n").encode() + BODY


class Requests(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        size = 0
        while line := self.rfile.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
            if line == b"\r\n":
                self.rfile.read(size)
                self.wfile.write(ANSWER)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextlib.contextmanager
def running():
    """Its URL; a process of its own, for its processor time is not to be counted as its caller's."""
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Requests)
    print(server.server_address[1], flush=True)
    server.serve_forever()
