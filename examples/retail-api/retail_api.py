"""The UK Online Retail file, row by row as JSON to a REST API; a function puts each on Kinesis; from there to raw
objects, and by a second function to the tables of invoices and customers, from which the same API answers. Rows without
a customer, of cancelled invoices, and broken ones go to the dead letters with the reason: nothing is lost, and nothing
holds up its shard. Every figure is checked against a count of the rows.

Starts a server of its own on a fresh directory, unless --url (or AWS_ENDPOINT_URL) names one that runs.
"""

import argparse
import collections
import gzip
import http.client
import json
import os
import pathlib
import random
import sys
import urllib.parse

HERE = pathlib.Path(__file__).parent
# This folder's own modules first: examples/orders has a pipeline.py too.
sys.path[1:1] = [str(HERE.parent / "orders-api"), str(HERE.parent / "orders")]

import pipeline  # noqa: E402
import rows as data  # noqa: E402
import sender  # noqa: E402
import server  # noqa: E402


def check(name, found, wanted):
    if found != wanted:
        sys.exit(f"retail-api: {name}: found {found}, counted {wanted}")


class Lines:
    """Every line of the objects below a prefix, as JSON, told by `what_of`; an object is read once."""

    def __init__(self, client, prefix, what_of):
        self.s3, self.prefix, self.what_of = client("s3"), prefix, what_of
        self.read, self.found = set(), []

    def __call__(self):
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=pipeline.BUCKET, Prefix=self.prefix):
            for key in (entry["Key"] for entry in page.get("Contents", [])):
                if key not in self.read:
                    body = self.s3.get_object(Bucket=pipeline.BUCKET, Key=key)["Body"].read()
                    self.found += [self.what_of(json.loads(line)) for line in gzip.decompress(body).splitlines()]
                    self.read.add(key)
        return self.found


def items(client, table):
    pages = client("dynamodb").get_paginator("scan").paginate(TableName=table, Select="COUNT")
    return sum(page["Count"] for page in pages)


class Shop:
    """A customer of the API: one connection, plain HTTP."""

    def __init__(self, url, path):
        place = urllib.parse.urlsplit(url)
        self.connection, self.path = http.client.HTTPConnection(place.hostname, place.port, timeout=60), path

    def get(self, path):
        self.connection.request("GET", self.path + path)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


def check_answers(shop, count, say, asked=50):
    chance = random.Random(3)
    for invoice in chance.sample(sorted(count.invoices), min(asked, len(count.invoices))):
        rows = count.invoices[invoice]
        wanted = {"invoice": invoice, "customer": rows[0]["CustomerID"], "date": rows[0]["InvoiceDate"],
                  "lines": count.lines_of(invoice)}
        check(f"GET /invoices/{invoice}", shop.get(f"/invoices/{invoice}"), (200, wanted))
    for customer in chance.sample(sorted(count.customers), min(asked, len(count.customers))):
        status, answer = shop.get(f"/customers/{customer}/orders")
        check(f"GET /customers/{customer}/orders", (status, answer["orders"]), (200, count.orders_of(customer)))
    check("GET of no invoice", shop.get("/invoices/none"), (404, {"message": "no such invoice"}))
    check("GET of no customer", shop.get("/customers/none/orders"), (404, {"message": "no customer none"}))
    say(f"asked for {asked} invoices and {asked} customers: all as counted, and what is not there is a 404")


def run(client, url, rows, together, seconds):
    say = server.sayer()
    path = pipeline.build(client)
    say(f"built: a REST API at {url}{path}, a stream, three functions, two tables, two deliveries")
    count = data.Count(rows)
    posts = [rows[start:start + together] for start in range(0, len(rows), together)]
    answers = sender.post_all(url, path + "/rows", [(json.dumps(post if together > 1 else post[0]), {}) for post in posts])
    check("answers", collections.Counter(status for _, status, _ in answers), {200: len(posts)})
    say(f"posted {count.rows} rows, " + ("one by one" if together == 1 else f"{together} at a time"))

    pause = 0.2 if count.rows < 20_000 else 2
    server.wait_until("lines of invoices", lambda: items(client, "invoices") >= count.lines, seconds, pause)
    check("lines of invoices", items(client, "invoices"), count.lines)
    check("customers", items(client, "customers"), len(count.customers))
    say(f"the tables hold {count.lines} lines of {len(count.invoices)} invoices, and {len(count.customers)} customers")

    letters = Lines(client, "dead-letters/", lambda letter: (letter["row"]["Row"], letter["reason"]))
    raw = Lines(client, "raw/", lambda row: row["Row"])
    server.wait_until("dead letters", lambda: len(dict(letters())) >= sum(count.dead.values()), seconds, pause)
    check("dead letters", collections.Counter(dict(letters()).values()), count.dead)
    say("dead letters: " + ", ".join(f"{number} x {reason}" for reason, number in sorted(count.dead.items())))
    server.wait_until("raw rows", lambda: len(set(raw())) >= count.rows, seconds, pause)
    check("raw rows", set(raw()), {row["Row"] for row in rows})
    check("rows kept and dead", count.lines + sum(count.dead.values()), count.rows)
    say(f"{count.rows} raw rows in objects: nothing is lost")
    check_answers(Shop(url, path), count, say)
    say("every figure agrees")


def the_file():
    """The real file lies beside the checkout, or where MILLRACE_TEST_FILES points."""
    folder = pathlib.Path(os.environ.get("MILLRACE_TEST_FILES", server.REPOSITORY.parent / "shared" / "data"))
    path = folder / "online_retail.csv.zst"
    return path if path.exists() else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000, help="how many of the file (5000; it has 541,909)")
    parser.add_argument("--whole", action="store_true", help="the whole file, 200 rows to a post")
    parser.add_argument("--together", type=int, help="rows to a post, as an array; 1 posts them one by one (1; at most 500)")
    parser.add_argument("--csv", type=pathlib.Path, default=the_file(), help="the file, perhaps .zst; made up where there is none")
    parser.add_argument("--made-up", action="store_true", help="made-up rows also where the file is there")
    server.add_server_options(parser)
    parser.add_argument("--seconds", type=int, help="how long to wait for each arrival (120 and a second for 500 rows)")
    options = parser.parse_args()
    real = options.csv and not options.made_up
    wanted = data.WHOLE_FILE if options.whole else options.rows
    together = options.together or (200 if options.whole else 1)
    if not 1 <= together <= 500:
        parser.error("--together is from 1 to 500")
    rows = list(data.numbered(data.read_file(options.csv, wanted) if real else data.make_up(wanted)))
    print(f"{len(rows)} rows, {'of ' + str(options.csv) if real else 'made up'}")
    with server.clients(options) as (client, url):
        run(client, url, rows, together, options.seconds or 120 + len(rows) // 500)


if __name__ == "__main__":
    server.command(main)
