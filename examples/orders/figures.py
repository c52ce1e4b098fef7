"""The same figures twice: from the lake by SQL, and counted here from the orders themselves."""

import collections
import time

QUESTIONS = {
    "revenue by country (orders join addresses)": """
        SELECT a.country, count(*) AS orders, sum(o.total_cents) AS cents
        FROM orders o JOIN addresses a ON a.order_id = o.order_id GROUP BY a.country ORDER BY 1""",
    "revenue by customer and month (orders join sales)": """
        SELECT o.customer_id, s.year, s.month, sum(s.total_cents) AS cents
        FROM orders o JOIN sales s ON s.order_id = o.order_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "units by country and product (baskets join addresses)": """
        SELECT a.country, p.sku, sum(p.quantity) AS units
        FROM baskets b CROSS JOIN UNNEST(b.products) AS t(p) JOIN addresses a ON a.order_id = b.order_id
        GROUP BY 1, 2 ORDER BY 1, 2""",
}


def cents(order):
    return sum(product["quantity"] * product["price_cents"] for product in order["products"])


def counted(orders):
    """What QUESTIONS must answer, in their order."""
    countries, months, units = (collections.Counter() for _ in range(3))
    number = collections.Counter(order["address"]["country"] for order in orders)
    for order in orders:
        country = order["address"]["country"]
        countries[country] += cents(order)
        months[order["customer_id"], order["ordered_at"][:4], order["ordered_at"][5:7]] += cents(order)
        for product in order["products"]:
            units[country, product["sku"]] += product["quantity"]
    return [
        [[country, str(number[country]), str(total)] for country, total in sorted(countries.items())],
        [[*key, str(total)] for key, total in sorted(months.items())],
        [[*key, str(total)] for key, total in sorted(units.items())],
    ]


class Athena:
    def __init__(self, client, database, output):
        self.client, self.database, self.output = client, database, output

    def rows(self, text):
        """The rows without their heading, all values as text."""
        made = self.client.start_query_execution(
            QueryString=text, QueryExecutionContext={"Database": self.database},
            ResultConfiguration={"OutputLocation": self.output})["QueryExecutionId"]
        while True:
            status = self.client.get_query_execution(QueryExecutionId=made)["QueryExecution"]["Status"]
            if status["State"] not in ("QUEUED", "RUNNING"):
                break
            time.sleep(0.02)
        if status["State"] != "SUCCEEDED":
            raise RuntimeError(f"{status.get('StateChangeReason')}\n{text}")
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=made)
        rows = [[value.get("VarCharValue") for value in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
        return rows[1:]
