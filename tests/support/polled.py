"""A local web server whose answers a test decides: what polling sources are pointed at."""

import http.server
import json
import ssl
import threading
import time


class Answer:
    """One response. `chunks` is called for the body's pieces, so that it may be slow or without end."""

    def __init__(self, body=b"", status=200, headers=None, chunks=None):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = dict(headers or {})
        self.chunks = chunks


class Polled:
    """`answer` is a function of the request (path, headers) and the number of requests so far."""

    def __init__(self, answer, certificate=None):
        self.answer = answer
        self.requests = []
        self.times = []
        polled = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                polled.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                polled.times.append(time.monotonic())
                answer = polled.answer(self, len(polled.requests))
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    if answer.chunks is None:
                        self.send_header("content-length", str(len(answer.body)))
                        self.end_headers()
                        self.wfile.write(answer.body)
                        return
                    self.send_header("connection", "close")
                    self.close_connection = True
                    self.end_headers()
                    for chunk in answer.chunks():
                        self.wfile.write(chunk)
                        self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, address):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        scheme = "http"
        if certificate:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{scheme}://127.0.0.1:{self.port}/"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
