"""Orders posted to a REST API, whose mapping template puts them on Kinesis with no function in the way; from there on
as examples/orders: a function keeps the table, four Firehoses land Parquet that Athena joins. Wrong tokens and malformed
orders are sent among the good ones and must be refused, each with the reason. Every figure is checked.

Starts a server of its own on a fresh directory, unless --url (or AWS_ENDPOINT_URL) names one that runs.
"""

import argparse
import collections
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(1, str(HERE.parent / "orders"))

import front  # noqa: E402
import orders as plain  # noqa: E402
import pipeline  # noqa: E402
import producer  # noqa: E402
import sender  # noqa: E402
import server  # noqa: E402


def spoiled(order, number):
    """A malformed order of one of four kinds, and what the refusal has to say."""
    changed = json.loads(json.dumps(order))
    kind = number % 4
    if kind == 0:
        return json.dumps(changed)[:-20], "Invalid request body"
    if kind == 1:
        del changed["customer_id"]
        return json.dumps(changed), "customer_id"
    if kind == 2:
        changed["products"] = []
        return json.dumps(changed), "products"
    changed["products"][0]["quantity"] = "many"
    return json.dumps(changed), "quantity"


def requests_for(orders):
    """(body, headers) in order, with what each must be answered: by the request's number in its headers."""
    key = {"Authorization": "Bearer " + front.TOKEN}
    wanted = {}
    requests = []

    def add(body, headers, status, reason):
        wanted[str(len(requests))] = (status, reason)
        requests.append((body, {**headers, "X-Number": str(len(requests))}))

    for number, order in enumerate(orders):
        add(json.dumps(order), key, 200, "")
        if number % 10 == 0:
            body, reason = spoiled(order, number // 10)
            add(body, key, 400, reason)
        if number % 20 == 0:
            add(json.dumps(order), {"Authorization": "Bearer guessed"}, 403, "not authorized")
        if number % 50 == 0:
            add(json.dumps(order), {}, 401, "Unauthorized")
    return requests, wanted


def run(client, url, count, seconds):
    say = server.sayer()
    pipeline.FUNCTIONS = HERE / "functions"
    door = pipeline.make_function(client, "door", "door.py", "handler", TOKEN=front.TOKEN)
    pipeline.FUNCTIONS = HERE.parent / "orders" / "functions"
    pipeline.build(client)
    path = front.build(client, door)
    say(f"built: a REST API at {url}{path}, a stream, a table, six functions, four deliveries, four lake tables")

    orders = list(producer.make_orders(count))
    requests, wanted = requests_for(orders)
    answers = sender.post_all(url, path, requests)
    counts = collections.Counter()
    for (_, headers), status, answer in answers:
        expected, reason = wanted[headers["X-Number"]]
        if status != expected or reason not in answer:
            sys.exit(f"orders-api: request {headers['X-Number']}: {status} {answer}; {expected} {reason!r} was expected")
        counts[status] += 1
    plain.check("answers", counts, collections.Counter(status for status, _ in wanted.values()))
    say(f"posted {len(requests)}: " + ", ".join(f"{number} x {status}" for status, number in sorted(counts.items())))

    plain.check_arrivals(client, orders, seconds, say)
    say("every figure agrees, and nothing that was refused arrived")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=2000, help="how many (2000)")
    server.add_server_options(parser)
    parser.add_argument("--seconds", type=int, default=120, help="how long to wait for each arrival (120)")
    options = parser.parse_args()
    with server.clients(options) as (client, url):
        run(client, url, options.orders, options.seconds)


if __name__ == "__main__":
    server.command(main)
