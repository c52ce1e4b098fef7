"""Posts over HTTP as a shop's front end would: some connections at once, each with one request under way."""

import collections
import http.client
import threading
import urllib.parse

CONNECTIONS = 8


def post_all(url, path, requests):
    """requests: (body, headers) each. Returns (request, status, answer's text) in no order; a 503 is sent again."""
    host = urllib.parse.urlsplit(url)
    waiting = collections.deque(requests)
    answers = []
    failed = []

    def work():
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=60)
        try:
            while True:
                try:
                    request = waiting.popleft()
                except IndexError:
                    return
                body, headers = request
                connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
                answer = connection.getresponse()
                text = answer.read()
                if answer.status == 503:
                    waiting.append(request)
                else:
                    answers.append((request, answer.status, text.decode()))
        except Exception as problem:  # told by the caller's thread
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return answers
