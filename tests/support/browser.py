"""What a browser does for a page's fetch() to another origin, by the Fetch standard's CORS protocol
(https://fetch.spec.whatwg.org/#http-cors-protocol): whether it asks first, what it asks, and what it lets the page read."""

import http.client

SAFE_METHODS = {"GET", "HEAD", "POST"}
SAFE_HEADERS = {"accept", "accept-language", "content-language"}
SAFE_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
READABLE = {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}


class Blocked(Exception):
    """What the page sees as a TypeError and its author in the console."""


class Browser:
    def __init__(self, port, origin):
        self.port, self.origin = port, origin
        self.preflights = 0

    def fetch(self, url, method="GET", headers=None, body=None, credentials=False):
        """A page of `origin` fetches http://HOST/PATH: (status, the headers that it may read, body), or Blocked."""
        headers = {name.lower(): value for name, value in (headers or {}).items()}
        host, _, path = url.removeprefix("http://").partition("/")
        sent = {"host": host, "origin": self.origin, "user-agent": "Mozilla/5.0", "sec-fetch-mode": "cors"}
        unsafe = sorted(name for name, value in headers.items() if not is_safe(name, value))
        if unsafe or method not in SAFE_METHODS:
            self.preflights += 1
            asked = {**sent, "accept": "*/*", "access-control-request-method": method}
            if unsafe:
                asked["access-control-request-headers"] = ",".join(unsafe)
            status, answer, _ = self.send("OPTIONS", path, asked)
            self.check_origin(answer, credentials)
            if not 200 <= status <= 299:
                raise Blocked(f"the preflight's status is {status}")
            check_listed(method, unsafe, answer, credentials)
        status, answer, body = self.send(method, path, {**sent, **headers}, body)
        self.check_origin(answer, credentials)
        exposed = names(answer, "access-control-expose-headers")
        readable = {name.lower(): value for name, value in answer.items()
                    if name.lower() in READABLE | set(exposed) or ("*" in exposed and not credentials)}
        return status, readable, body

    def send(self, method, path, headers, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, "/" + path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def check_origin(self, answer, credentials):
        allowed = answer.get_all("access-control-allow-origin") or []
        if allowed == ["*"] and not credentials:
            return
        if allowed != [self.origin]:
            raise Blocked(f"allow-origin is {allowed}")
        if credentials and answer.get_all("access-control-allow-credentials") != ["true"]:
            raise Blocked("credentials are not allowed")


def is_safe(name, value):
    return name in SAFE_HEADERS or (name == "content-type" and value.partition(";")[0].strip().lower() in SAFE_TYPES)


def names(answer, header):
    return [each.strip().lower() for line in answer.get_all(header) or [] for each in line.split(",")]


def check_listed(method, unsafe, answer, credentials):
    """Of a preflight that answered for this origin: is the method among its methods, each header among its headers?"""
    methods, listed = names(answer, "access-control-allow-methods"), names(answer, "access-control-allow-headers")
    any_method, any_header = ("*" in each and not credentials for each in (methods, listed))
    if method.lower() not in methods and method not in SAFE_METHODS and not any_method:
        raise Blocked(f"{method} is not among {methods}")
    for name in unsafe:
        if name not in listed and not (any_header and name != "authorization"):
            raise Blocked(f"{name} is not among {listed}")
