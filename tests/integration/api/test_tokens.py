"""Tokens limited to Collections, and the audit line of each write."""

import httpx
from structlog.testing import capture_logs

from atlas.api.app import create_app
from atlas.settings import Settings
from tests.integration.api.conftest import COLLECTIONS, fill, running
from tests.integration.conftest import fresh_database

TOKEN = "correct-horse-battery"


def test_a_token_writes_to_its_collections_only_and_every_write_is_logged(cluster):
    token = "a-token-of-some-length"
    writers = {"lab": {"token": token, "collections": [COLLECTIONS[2], "lab-*"]}}
    with fresh_database(cluster, fill) as conninfo:
        app = create_app(Settings(transactions_token=TOKEN, transactions_tokens=writers), conninfo)
        with running(app) as url, httpx.Client(base_url=f"{url}/stac", timeout=60) as client, capture_logs() as logs:
            lab, anybody = {"Authorization": f"Bearer {token}"}, {"Authorization": f"Bearer {TOKEN}"}
            document = client.get(f"/collections/{COLLECTIONS[2]}").json()
            asked = [
                client.put(f"/collections/{COLLECTIONS[2]}", json=document, headers=lab),
                client.delete(f"/collections/{COLLECTIONS[1]}", headers=lab),
                client.post("/collections", json={**document, "id": "lab-new"}, headers=lab),
                client.post("/collections", json={**document, "id": "other"}, headers=lab),
                client.post("/collections", json={**document, "id": "other"}, headers=anybody),
                client.delete("/collections/lab-new"),
            ]
    assert [answer.status_code for answer in asked] == [200, 403, 201, 403, 201, 401]
    assert "does not write to the Collection 'other'" in asked[3].json()["description"]
    lines = [(x["writer"], x["method"], x["path"], x["status"]) for x in logs if x["event"] == "write"]
    assert lines == [
        ("lab", "PUT", f"/stac/collections/{COLLECTIONS[2]}", 200),
        ("lab", "DELETE", f"/stac/collections/{COLLECTIONS[1]}", 403),
        ("lab", "POST", "/stac/collections", 201),
        ("lab", "POST", "/stac/collections", 403),
        ("token", "POST", "/stac/collections", 201),
        (None, "DELETE", "/stac/collections/lab-new", 401),
    ]
    assert token not in str(logs)
