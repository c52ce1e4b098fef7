"""Requests that two readers could read differently, and peers that hold a server up: a real server process takes none of
the first, and minds none of the second.

Behind each dishonest request stands an honest one for an open page. Were it answered, it would have been smuggled: the
connection has to end instead, after one refusal.
"""

import select
import socket
import threading

import pytest

from support import raw_http
from support.patience import patient
from support.raw_http import exchange, request_fields, statuses

HEALTH = b"GET /_millrace/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /_millrace/health HTTP/1.1\r\nHost: localhost\r\n"

REFUSED = {
    "a length and chunks": (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks and a length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 4\r\nContent-Length: 0\r\n\r\n", 400),
    "a list of lengths": (POST + b"Content-Length: 0, 0\r\n\r\n", 400),
    "a signed length": (POST + b"Content-Length: +0\r\n\r\n", 400),
    "a length in hexadecimal": (POST + b"Content-Length: 0x0\r\n\r\n", 400),
    "a length that overflows": (POST + b"Content-Length: 18446744073709551616\r\n\r\n", 400),
    "a blank before the colon": (POST + b"Content-Length : 0\r\n\r\n", 400),
    "another coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501),
    "identity": (POST + b"Transfer-Encoding: identity\r\n\r\n", 501),
    "a list of codings": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "chunked in quotes": (POST + b"Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501),
    "two codings": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n", 400),
    "a blank before the coding's colon": (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400),
    "a vertical tab before chunked": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "a folded coding": (POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 501),
    "a folded field": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "chunks in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "LF alone after a field": (GET + b"X: y\n\r\n", 400),
    "LF alone at the end": (GET + b"\n", 400),
    "LF alone after the request line": (b"GET / HTTP/1.1\nHost: localhost\r\n\r\n", 400),
    "CR in a value": (GET + b"X: a\rHost: b\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\0b\r\n\r\n", 400),
    "two Hosts": (GET + b"Host: other\r\n\r\n", 400),
    "a Host with a path": (b"GET / HTTP/1.1\r\nHost: localhost/_millrace/health\r\n\r\n", 400),
    "a Host with a user": (b"GET / HTTP/1.1\r\nHost: a@localhost\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\nX: y\r\n\r\n", 400),
    "a chunk's size with a sign": (POST + b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n", 400),
    "a chunk's size in hexadecimal": (POST + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n", 400),
    "a chunk's size with a blank": (POST + b"Transfer-Encoding: chunked\r\n\r\n0 \r\n\r\n", 400),
    "a chunk's size that overflows": (POST + b"Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n", 400),
    "a chunk that is longer than it says": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400),
    "a chunk's size that ends in LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\n\r\n", 400),
    "a chunk that ends in LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n", 400),
    "an extension with LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n0;a\nb\r\n\r\n", 400),
    "a trailer without a colon": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nGET / HTTP/1.1\r\n\r\n", 400),
    "trailers that end in LF": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n", 400),
    "an authority": (b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", 400),
    "a fragment": (b"GET /_millrace/health#x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "HTTP/2 in HTTP/1's clothes": (b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_be_read_in_two_ways_is_refused_and_the_connection_ends(server, name):
    request, status = REFUSED[name]
    answer, closed = exchange(server.port, request + HEALTH)
    assert statuses(answer) == [status], answer
    assert closed
    # However the network cuts it.
    answer, closed = exchange(server.port, None, pieces=[bytes([byte]) for byte in request] + [HEALTH])
    assert statuses(answer) == [status], answer


def test_honest_requests_follow_each_other(server):
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n1;ext=\"x\"\r\na\r\n0\r\nContent-Length: 5\r\n\r\n"
    last = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answer, closed = exchange(server.port, chunked + HEALTH + last)
    first, *rest = statuses(answer)
    assert first in (403, 404) and rest == [200, 200], "a trailer is no header, and the next request begins behind it"
    assert closed


def test_a_whole_url_names_the_host_and_not_the_host_field(server):
    # RFC 9112, section 3.2.2. A bucket's host would make a page of the server's own an object's.
    asked = b"GET http://localhost/_millrace/health HTTP/1.1\r\nHost: bucket.s3.localhost\r\nConnection: close\r\n\r\n"
    assert statuses(exchange(server.port, asked)[0]) == [200]
    asked = b"GET http://bucket.s3.localhost/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert statuses(exchange(server.port, asked)[0]) == [403]


@pytest.mark.parametrize("path", [
    b"/_millrace/%68ealth", b"/_millrace//health", b"/_millrace/./health", b"/x/../_millrace/health",
    b"/_millrace%2fhealth", b"/_millrace/health%00", b"/_millrace/health/", b"/_millrace/health/..%2fconsumers",
    b"//_millrace/health", b"/_MILLRACE/health", b"/%c0%af_millrace/health", b"/_millrace/health\xc0\xaf",
    b"/_millrace/health;x", b"/_millrace/health%", b"/_millrace/health%zz", b"/" + b"../" * 40 + b"etc/passwd"])
def test_an_open_page_is_open_in_one_spelling(server, path):
    answer, _ = exchange(server.port, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert statuses(answer)[0] in (400, 403, 404), answer
    assert b"ready" not in answer and b"root:" not in answer


# -- HTTP/2 -----------------------------------------------------------------------------------------------------

def test_http2_of_our_own_making_is_answered(server):
    with raw_http.Http2Peer(server.port) as peer:
        peer.headers(request_fields())
        assert "ready" in peer.outcome()


HTTP2_REFUSED = {
    "a Transfer-Encoding": request_fields(more=[("transfer-encoding", "chunked")]),
    "a Connection": request_fields(more=[("connection", "keep-alive")]),
    "an Upgrade": request_fields(more=[("upgrade", "h2c")]),
    "a Keep-Alive": request_fields(more=[("keep-alive", "timeout=5")]),
    "te but for trailers": request_fields(more=[("te", "gzip")]),
    "a name in capitals": request_fields(more=[("X-Name", "x")]),
    "a name with a colon": request_fields(more=[("x:y", "z")]),
    "a name with a blank": request_fields(more=[("x y", "z")]),
    "an empty name": request_fields(more=[("", "z")]),
    "LF in a name": request_fields(more=[("x\ny", "z")]),
    "CR LF in a value": request_fields(more=[("x", "a\r\nHost: b")]),
    "NUL in a value": request_fields(more=[("x", "a\0b")]),
    "two paths": request_fields() + [(":path", "/other")],
    "a pseudo-field behind a field": request_fields(path=None, more=[("x", "y"), (":path", "/_millrace/health")]),
    "an unknown pseudo-field": request_fields() + [(":protocol2", "x")],
    "a status": request_fields() + [(":status", "200")],
    "no method": request_fields(method=None),
    "no path": request_fields(path=None),
    "no scheme": request_fields(scheme=None),
    "an empty path": request_fields(path=""),
    "a path that is a URL": request_fields(path="http://localhost/_millrace/health"),
    "a path without a slash": request_fields(path="_millrace/health"),
    "the same under a scheme of its own": request_fields(path="_millrace/health", scheme="x"),
    "a path with a blank": request_fields(path="/_millrace/health HTTP/1.1"),
    "a path with CR LF": request_fields(path="/_millrace/health HTTP/1.1\r\nHost: x\r\n\r\nGET /"),
    "a fragment": request_fields(path="/_millrace/health#x"),
    "a method with a blank": request_fields(method="GET /x HTTP/1.1"),
    "an authority with a path": request_fields(authority="localhost/x"),
    "an authority with a user": request_fields(authority="a@localhost"),
    "an authority with a blank": request_fields(authority="localhost x"),
    "a Host that is another": request_fields(more=[("host", "bucket.s3.localhost")]),
    "two Hosts": request_fields(authority=None, more=[("host", "localhost"), ("host", "other")]),
    "a length without a body": request_fields(method="POST", more=[("content-length", "5")]),
    "two lengths": request_fields(method="POST", more=[("content-length", "0"), ("content-length", "1")]),
    "a signed length": request_fields(method="POST", more=[("content-length", "+0")]),
    "CONNECT": request_fields(method="CONNECT", path=None, scheme=None, authority="localhost:80"),
}


@pytest.mark.parametrize("name", HTTP2_REFUSED)
def test_http2_requests_that_another_version_could_misread(server, name):
    with raw_http.Http2Peer(server.port) as peer:
        peer.headers(HTTP2_REFUSED[name])
        outcome = peer.outcome()
        assert outcome in ("reset", "goaway", "closed") or "<Code>InvalidRequest</Code>" in outcome, outcome


def test_http2_bodies_have_the_length_they_say(server):
    for said, sent in (("3", b"four"), ("5", b"four")):
        with raw_http.Http2Peer(server.port) as peer:
            peer.headers(request_fields(method="POST", path="/", more=[("content-length", said)]),
                         flags=raw_http.END_HEADERS)
            peer.socket.sendall(raw_http.frame(raw_http.DATA, raw_http.END_STREAM, 1, sent))
            assert peer.outcome() in ("reset", "goaway", "closed")


def test_a_flood_of_continuations_ends(server):
    with raw_http.Http2Peer(server.port) as peer:
        peer.headers(request_fields(), flags=0)
        try:
            for _ in range(20_000):
                peer.socket.sendall(raw_http.frame(raw_http.CONTINUATION, 0, 1, raw_http.field("x", "y" * 100)))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert peer.outcome() in ("reset", "goaway", "closed")
    assert statuses(exchange(server.port, HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))[0]) == [200]


# -- peers that take their time ---------------------------------------------------------------------------------

def test_slow_heads_and_bodies_hold_nobody_up(server_factory):
    server = server_factory(extra=["--header-ms-max", "1s", "--connections-max", "600"])
    stop = threading.Event()
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(400)]

    def trickle():
        for peer in slow[:200]:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        for peer in slow[200:]:
            peer.sendall(POST + b"Content-Length: 1000\r\n\r\n")
        while not stop.wait(0.2):
            for peer in slow:
                try:
                    peer.sendall(b"X: y\r\n")
                except OSError:
                    pass

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        asked = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        for peer in slow[:200]:  # slow heads are told so, and are gone
            while not select.select([peer], [], [], 0.1)[0]:
                assert statuses(exchange(server.port, asked)[0]) == [200]
            got, closed = raw_http.read_all(peer)
            assert statuses(got) in ([408], []) and closed
        for _ in range(10):  # slow bodies are still there
            assert statuses(exchange(server.port, asked)[0]) == [200]
    finally:
        stop.set()
        thread.join()
        for peer in slow:
            peer.close()


def test_ten_thousand_idle_connections_in_two_hundred_megabytes(server_factory):
    server = server_factory(extra=["--connections-max", "10100", "--idle-ms-max", "10min"])
    before = server.resident_bytes()
    peers = []
    try:
        for _ in range(10_000):
            peer = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            peer.sendall(HEALTH)
            peers.append(peer)
        for peer in peers:
            assert peer.recv(4096).startswith(b"HTTP/1.1 200")
        used = server.resident_bytes()
        print(f"{before >> 20} MiB before, {used >> 20} MiB with 10,000 idle connections")
        assert used < patient(200 << 20)
        asked = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        assert statuses(exchange(server.port, asked)[0]) == [200]
        for peer in peers[::100]:
            peer.sendall(HEALTH)
            assert peer.recv(4096).startswith(b"HTTP/1.1 200"), "they are still served"
    finally:
        for peer in peers:
            peer.close()
