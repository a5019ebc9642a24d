"""A real S3 server (moto) on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import httpx

__all__ = ["OWNER", "keys_of_a_reader", "only_who_signs", "s3_host"]

OWNER = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
"""Keys that boto3 takes; the server lets whoever has them do everything."""


@contextmanager
def s3_host() -> Iterator[str]:
    """Its endpoint, on a free port."""
    from moto.server import ThreadedMotoServer  # which takes long, and not every worker starts one

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        # moto keeps all in the process: an earlier test may have left objects and users, and had it check signatures
        httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()
        httpx.post(f"{endpoint}/moto-api/reset-auth", content="inf").raise_for_status()
        yield endpoint
    finally:
        server.stop()


def keys_of_a_reader(endpoint: str) -> dict[str, str]:
    """`AccessKeyId` and `SecretAccessKey` of a new user who may read everything."""
    names = boto3.client("iam", endpoint_url=endpoint, **OWNER)
    names.create_user(UserName="reader")
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    names.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=json.dumps(allowed))
    return dict(names.create_access_key(UserName="reader")["AccessKey"])


def only_who_signs(endpoint: str, wanted: bool) -> None:
    """Whether the server checks signatures, and answers 403 to whoever does not sign."""
    httpx.post(f"{endpoint}/moto-api/reset-auth", content="0" if wanted else "inf").raise_for_status()
