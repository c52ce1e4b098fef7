"""boto3 for functions. AWS's Python runtimes bring it along; a machine's own python3, which runs functions here, may not."""

import io
import pathlib
import zipfile

import boto3

PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")
SERVICES = ("dynamodb", "firehose", "kinesis", "sts")  # botocore's descriptions of all services are 20 MB


def needed(path):
    """Of a path below site-packages."""
    parts = path.parts
    if parts[0] not in PACKAGES or "__pycache__" in parts:
        return False
    return parts[:2] != ("botocore", "data") or len(parts) == 3 or parts[2] in SERVICES


def publish(client):
    """Gives the ARN of a layer with the boto3 that runs this program: Python alone, so any python3 can import it."""
    site = pathlib.Path(boto3.__file__).parent.parent
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for package in PACKAGES:
            for file in [site / package, *sorted((site / package).rglob("*"))]:
                if file.is_file() and needed(file.relative_to(site)):
                    archive.write(file, pathlib.Path("python") / file.relative_to(site))
    return client("lambda").publish_layer_version(LayerName="boto3", Content={"ZipFile": made.getvalue()})["LayerVersionArn"]
