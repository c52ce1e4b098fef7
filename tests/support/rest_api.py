"""REST APIs as tests build them, and plain HTTP to them."""

import http.client
import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from support.patience import patient

REGION = "us-east-1"
DEFAULT = {"default": {"statusCode": "200", "responseTemplates": None}}


def function_uri(name, account="000000000000"):
    function = f"arn:aws:lambda:{REGION}:{account}:function:{name}"
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"


class RestApi:
    """api.resource("/orders/{id}"), api.method(...), api.deploy(), then api.ask("GET", "/orders/1")."""

    def __init__(self, server, name="shop", **settings):
        self.server = server
        self.client = server.client("apigateway")
        self.id = self.client.create_rest_api(name=name, **settings)["id"]
        self.stage = "prod"
        root = self.client.get_resources(restApiId=self.id)["items"][0]
        self.resources = {"/": root["id"]}

    def resource(self, path):
        if path not in self.resources:
            parent, _, part = path.rpartition("/")
            made = self.client.create_resource(restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part)
            self.resources[path] = made["id"]
        return self.resources[path]

    def method(self, verb, path, integration, responses=None, **settings):
        """`integration`: put_integration's arguments. `responses`: status code -> put_integration_response's."""
        where = {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": verb}
        self.client.put_method(**where, **{"authorizationType": "NONE", **settings})
        self.client.put_integration(**where, **{"integrationHttpMethod": "POST", **integration})
        for status, response in (responses or {}).items():
            mapped = {name: False for name in response.get("responseParameters", {})}
            self.client.put_method_response(**where, statusCode=status, responseParameters=mapped)
            self.client.put_integration_response(**where, statusCode=status, **response)
        return self

    def proxy(self, verb, path, function, **settings):
        return self.method(verb, path, {"type": "AWS_PROXY", "uri": function_uri(function)}, **settings)

    def mock(self, verb, path, template="", parameters=None, **settings):
        """A mock that answers 200 with a response template."""
        response = {"responseTemplates": {"application/json": template}, "responseParameters": parameters or {}}
        return self.method(verb, path, {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}},
                           {"200": response}, **settings)

    def deploy(self, **settings):
        self.client.create_deployment(restApiId=self.id, stageName=self.stage, **settings)
        return self

    def ask(self, verb, path, body=None, headers=None, way="path"):
        """(status, headers, body as bytes). `way`: "path" (/restapis/...), "host", or the name of a custom domain."""
        headers = dict(headers or {})
        if way == "path":
            target = f"/restapis/{self.id}/{self.stage}/_user_request_{path}"
        elif way == "host":
            target = f"/{self.stage}{path}"
            headers["Host"] = f"{self.id}.execute-api.localhost:{self.server.port}"
        else:
            target, headers["Host"] = path, way
        return ask(self.server.port, verb, target, body, headers)

    def json(self, verb, path, body=None, headers=None, **more):
        status, _, answer = self.ask(verb, path, body, headers, **more)
        return status, json.loads(answer)


def ask(port, verb, target, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patient(30))
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        headers = {"Content-Type": "application/json", **(headers or {})}
    connection.request(verb, target, body=body, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def api_metrics(server):
    """GET /_millrace/api-metrics, signed with the server's key: Prometheus's text."""
    request = botocore.awsrequest.AWSRequest("GET", f"{server.url}/_millrace/api-metrics")
    credentials = botocore.credentials.Credentials(server.access_key, server.secret_key)
    botocore.auth.SigV4Auth(credentials, "millrace", REGION).add_auth(request)
    status, _, body = ask(server.port, "GET", "/_millrace/api-metrics", headers=dict(request.headers))
    assert status == 200, body
    return body.decode()
