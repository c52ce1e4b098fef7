"""A TOKEN authorizer: whoever has the shop's token may post."""

import os


def handler(event, context):
    allowed = event["authorizationToken"] == "Bearer " + os.environ["TOKEN"]
    return {
        "principalId": "producer" if allowed else "nobody",
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow" if allowed else "Deny", "Action": "execute-api:Invoke", "Resource": event["methodArn"]}]},
    }
