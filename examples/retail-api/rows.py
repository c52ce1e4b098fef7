"""Rows of the UK Online Retail file (../shared/data, or --csv), or made up where it is not there; and the count of what
must become of them, which shares no code with the functions."""

import collections
import csv
import datetime
import decimal
import io
import itertools
import random
import subprocess

WHOLE_FILE = 541_909
COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]


def read_file(path, count):
    """The first `count` rows of a CSV file, perhaps compressed by zstd."""
    if str(path).endswith(".zst"):
        unpack = subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE)
        text = io.TextIOWrapper(unpack.stdout, encoding="utf-8", errors="replace", newline="")
    else:
        unpack = None
        text = open(path, encoding="utf-8", errors="replace", newline="")
    with text:
        yield from itertools.islice(csv.DictReader(text), count)
    if unpack:
        unpack.kill()
        unpack.wait()


def make_up(count, seed=11):
    """Rows of the same columns and of the same kinds of dirt: a quarter without a customer, one in ten cancelled."""
    chance = random.Random(seed)
    day = datetime.datetime(2010, 12, 1, 8, 26)
    made = 0
    for number in itertools.count(536365):
        cancelled = chance.random() < 0.1
        customer = "" if chance.random() < 0.25 else str(chance.randrange(12346, 12446))
        for _ in range(chance.randrange(1, 20)):
            if made == count:
                return
            made += 1
            quantity = chance.randrange(1, 48)
            yield {"InvoiceNo": f"{'C' if cancelled else ''}{number}", "StockCode": str(chance.randrange(20000, 24000)),
                   "Description": chance.choice(["WHITE LANTERN", "SET OF 3 \"RETRO\" TINS", "CHILD'S MUG", "TEA & TOAST"]),
                   "Quantity": str(-quantity if cancelled else quantity), "InvoiceDate": day.strftime("%m/%d/%Y %H:%M"),
                   "UnitPrice": f"{chance.randrange(1, 2000) / 100:.2f}", "CustomerID": customer,
                   "Country": chance.choice(["United Kingdom", "France", "EIRE"])}
        day += datetime.timedelta(minutes=chance.randrange(1, 30))


def numbered(rows, broken_every=1000):
    """Each row with its number; and now and then one more that no machine could have written."""
    number = 0
    for index, row in enumerate(rows):
        yield {"Row": number, **{name: row[name] for name in COLUMNS}}
        number += 1
        if index % broken_every == broken_every // 2:
            yield {"Row": number, **{name: row[name] for name in COLUMNS}, "InvoiceNo": "900001", "CustomerID": "1",
                   "Quantity": "a dozen"}
            number += 1


class Count:
    """What must be where."""

    def __init__(self, rows):
        self.rows = len(rows)
        self.dead = collections.Counter()
        self.invoices = collections.defaultdict(list)
        self.customers = {}
        for row in rows:
            if row["InvoiceNo"][0] == "C":
                self.dead["cancelled invoice"] += 1
            elif row["CustomerID"] == "":
                self.dead["no customer"] += 1
            elif not row["Quantity"].lstrip("-").isdigit():
                self.dead["not a number"] += 1
            else:
                self.invoices[row["InvoiceNo"]].append(row)
                self.customers.setdefault(row["CustomerID"], set()).add(row["InvoiceNo"])
        self.lines = sum(map(len, self.invoices.values()))

    def lines_of(self, invoice):
        return [{"stock_code": row["StockCode"], "description": row["Description"], "quantity": int(row["Quantity"]),
                 "cents": int(decimal.Decimal(row["UnitPrice"]) * 100)} for row in self.invoices[invoice]]

    def orders_of(self, customer):
        orders = []
        for invoice in sorted(self.customers[customer]):
            lines = self.lines_of(invoice)
            orders.append({"invoice": invoice, "date": self.invoices[invoice][0]["InvoiceDate"], "lines": len(lines),
                           "cents": sum(line["quantity"] * line["cents"] for line in lines)})
        return orders
