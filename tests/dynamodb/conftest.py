"""Clients of the module's server; some modules have a `dynamodb` of their own, with tables in it."""

import pytest


@pytest.fixture(scope="module")
def dynamodb(server):
    return server.client("dynamodb")


@pytest.fixture(scope="module")
def s3(server):
    return server.client("s3")
