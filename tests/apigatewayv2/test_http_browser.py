"""Pages of another origin fetch from an HTTP API, whose CORS configuration answers their preflights."""

import pytest

from support.browser import Blocked, Browser
from support.functions import create

SHOP = "https://shop.example"
AS_JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def function(server):
    create(server.client("lambda"), "orders", """
def handler(event, context):
    return {'statusCode': 200, 'body': event['requestContext']['http']['method'],
            'headers': {'X-Made': 'yes', 'X-Hidden': 'yes', 'Access-Control-Allow-Origin': 'https://from.function'}}
""")
    return "arn:aws:lambda:us-east-1:000000000000:function:orders"


def make(boto, function, route="ANY /orders", **cors):
    """An API's URL; its route wants a signature where it is asked with OPTIONS, which browsers' preflights do not have."""
    apis = boto("apigatewayv2")
    api = apis.create_api(Name="shop", ProtocolType="HTTP", Target=function, RouteKey=route, CorsConfiguration=cors)
    target = apis.get_routes(ApiId=api["ApiId"])["Items"][0]["Target"]
    apis.create_route(ApiId=api["ApiId"], RouteKey="OPTIONS /orders", Target=target, AuthorizationType="AWS_IAM")
    return api["ApiEndpoint"]


def blocked(fetch):
    with pytest.raises(Blocked):
        fetch()


def test_what_the_configuration_allows(server, boto, function):
    api = make(boto, function, AllowOrigins=[SHOP, "http://localhost:3000"], AllowMethods=["POST", "PUT"],
               AllowHeaders=["content-type", "authorization"], ExposeHeaders=["x-made"], AllowCredentials=True)
    for origin in (SHOP, "http://localhost:3000"):
        page = Browser(server.port, origin)
        status, headers, body = page.fetch(f"{api}/orders", "PUT", {**AS_JSON, "Authorization": "t"}, "{}", credentials=True)
        assert (status, body, page.preflights) == (200, b"PUT", 1)
        assert headers["x-made"] == "yes" and "x-hidden" not in headers
        assert page.fetch(f"{api}/orders")[0] == 200 and page.preflights == 1
        assert page.fetch(f"{api}/nothing")[0] == 404  # refused, but readable
        blocked(lambda: page.fetch(f"{api}/orders", "DELETE"))
        blocked(lambda: page.fetch(f"{api}/orders", "PUT", {"X-Other": "1"}))
    for origin in ("https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"):
        blocked(lambda: Browser(server.port, origin).fetch(f"{api}/orders", "PUT"))
        blocked(lambda: Browser(server.port, origin).fetch(f"{api}/orders"))


def test_everybody_may_where_all_is_allowed(server, boto, function):
    api = make(boto, function, AllowOrigins=["*"], AllowMethods=["*"], AllowHeaders=["*", "authorization"], ExposeHeaders=["*"])
    page = Browser(server.port, "https://any.example")
    status, headers, _ = page.fetch(f"{api}/orders", "DELETE", {**AS_JSON, "X-Mine": "1", "Authorization": "t"})
    assert status == 200 and headers["x-hidden"] == "yes"
    blocked(lambda: page.fetch(f"{api}/orders", "DELETE", credentials=True))


def test_a_scheme_may_stand_for_all_its_origins(server, boto, function):
    api = make(boto, function, AllowOrigins=["https://*"], AllowMethods=["PUT"])
    assert Browser(server.port, SHOP).fetch(f"{api}/orders", "PUT")[0] == 200
    blocked(lambda: Browser(server.port, "http://shop.example").fetch(f"{api}/orders", "PUT"))
