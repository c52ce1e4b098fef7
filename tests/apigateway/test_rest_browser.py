"""Pages of another origin fetch from a REST API: its own OPTIONS methods answer the preflights, as people set them up."""

import pytest

from support.browser import Blocked, Browser
from support.functions import create
from support.rest_api import RestApi

SHOP = "https://shop.example"
ALLOW = "method.response.header.Access-Control-Allow-"


def cors(methods, headers, origin=SHOP):
    return {ALLOW + "Origin": f"'{origin}'", ALLOW + "Methods": f"'{methods}'", ALLOW + "Headers": f"'{headers}'"}


def url(api, path, way="path"):
    if way == "host":
        return f"http://{api.id}.execute-api.localhost:{api.server.port}/prod{path}"
    return f"{api.server.url}/restapis/{api.id}/prod/_user_request_{path}"


@pytest.fixture
def api(server):
    return RestApi(server)


@pytest.mark.parametrize("way", ["path", "host"])
def test_a_page_posts_what_its_preflight_allowed(api, server, way):
    api.mock("OPTIONS", "/orders", "", parameters=cors("OPTIONS,POST,PUT", "Content-Type,X-Api-Key"))
    for verb in ("GET", "POST", "PUT", "DELETE"):
        api.mock(verb, "/orders", "{}", apiKeyRequired=verb == "PUT", parameters={
            ALLOW + "Origin": f"'{SHOP}'", "method.response.header.Access-Control-Expose-Headers": "'X-Shown'",
            "method.response.header.X-Shown": "'yes'", "method.response.header.X-Hidden": "'yes'"})
    api.client.put_gateway_response(restApiId=api.id, responseType="DEFAULT_4XX", responseParameters={
        "gatewayresponse.header.Access-Control-Allow-Origin": f"'{SHOP}'"})
    api.deploy()
    page, orders = Browser(server.port, SHOP), url(api, "/orders", way)
    as_json = {"Content-Type": "application/json"}
    status, headers, body = page.fetch(orders, "POST", as_json, '{"n": 7}')
    assert (status, body, page.preflights) == (200, b"{}", 1)
    assert headers["x-shown"] == "yes" and "x-hidden" not in headers
    assert page.fetch(orders, "GET", {"Accept": "application/json"})[0] == 200 and page.preflights == 1
    # Why it was refused, a page may read by the gateway response alone.
    assert page.fetch(orders, "PUT", as_json, "{}")[::2] == (403, b'{"message":"Forbidden"}')
    for forbidden in (dict(method="DELETE"), dict(method="POST", headers={"X-Other": "1"}),
                      dict(method="POST", headers=as_json, credentials=True)):
        with pytest.raises(Blocked):
            page.fetch(orders, **forbidden)
    with pytest.raises(Blocked):
        Browser(server.port, "https://evil.example").fetch(orders, "POST", as_json, "{}")


def test_a_function_answers_for_itself(api, server, boto):
    create(boto("lambda"), "open", """
def handler(event, context):
    headers = {'Access-Control-Allow-Origin': event['headers']['Origin'], 'Access-Control-Allow-Credentials': 'true'}
    if event['httpMethod'] == 'OPTIONS':
        headers['Access-Control-Allow-Methods'] = event['headers']['Access-Control-Request-Method']
        headers['Access-Control-Allow-Headers'] = event['headers']['Access-Control-Request-Headers']
    return {'statusCode': 204 if event['httpMethod'] == 'OPTIONS' else 200, 'headers': headers, 'body': event['httpMethod']}
""")
    api.proxy("ANY", "/{proxy+}", "open").deploy()
    page = Browser(server.port, SHOP)
    answer = page.fetch(url(api, "/a/b"), "PATCH", {"Authorization": "Bearer t"}, credentials=True)
    assert (answer[0], answer[2], page.preflights) == (200, b"PATCH", 1)


def test_without_an_options_method_nothing_is_allowed(api, server):
    api.mock("PUT", "/orders", "{}").deploy()
    with pytest.raises(Blocked):
        Browser(server.port, SHOP).fetch(url(api, "/orders"), "PUT")
