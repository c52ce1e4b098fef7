"""Orders with nested products and an address, and the way into the stream."""

import datetime
import json
import random

CITIES = {"DE": ["Köln", "Berlin"], "FR": ["Lyon", "Nantes"], "GB": ["Leeds", "York"], "NO": ["Oslo", "Bergen"]}
CATALOGUE = [("tea", "Earl Grey", 450), ("mug", "Blue mug", 1290), ("pot", "Iron pot", 5900), ("tin", "Tin, large", 800)]
FIRST_DAY = datetime.datetime(2025, 11, 1)


def make_orders(count, seed=7):
    chance = random.Random(seed)
    for number in range(count):
        country = chance.choice(list(CITIES))
        ordered_at = FIRST_DAY + datetime.timedelta(minutes=chance.randrange(120 * 24 * 60))
        yield {
            "order_id": f"o-{number:07}", "customer_id": f"c-{chance.randrange(8):02}",
            "ordered_at": ordered_at.strftime("%Y-%m-%d %H:%M:%S"),
            "address": {"street": f"{chance.randrange(1, 200)} High Street", "city": chance.choice(CITIES[country]),
                        "country": country},
            "products": [{"sku": sku, "name": name, "quantity": chance.randrange(1, 5), "price_cents": price}
                         for sku, name, price in chance.sample(CATALOGUE, chance.randrange(1, 4))]}


def post(kinesis, stream, orders):
    """PutRecords, and again what the answer says was not taken."""
    for start in range(0, len(orders), 500):
        records = [{"Data": json.dumps(order).encode(), "PartitionKey": order["customer_id"]}
                   for order in orders[start:start + 500]]
        while records:
            answer = kinesis.put_records(StreamName=stream, Records=records)
            records = [record for record, told in zip(records, answer["Records"]) if "ErrorCode" in told]
