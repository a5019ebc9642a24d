"""A real S3 server (moto) on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer

__all__ = ["OWNER", "s3_host"]

OWNER = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
"""Keys that boto3 takes; the server lets whoever has them do everything."""


@contextmanager
def s3_host() -> Iterator[str]:
    """Its endpoint, on a free port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        # moto keeps its settings in the process: an earlier test may have had it check signatures
        httpx.post(f"{endpoint}/moto-api/reset-auth", content="inf").raise_for_status()
        yield endpoint
    finally:
        server.stop()
