"""Mixed load during repeated loads: no error, no wrong count, constant memory.

Some seconds here; `make soak` an hour (SECONDS says otherwise).
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from atlas.store.load.pgstac import load_folder
from tests.integration.loading import batch, one, url, write_crawl
from tests.ports import free_port

SECONDS = float(os.environ.get("SOAK_SECONDS", "12"))
CLIENTS = 3
ROWS = (300, 420)
WHOLE = {"collections": "synthetic", "limit": "5"}
QUESTIONS = [
    ("/search", WHOLE),
    ("/search", {**WHOLE, "bbox": "-180,-90,180,90"}),
    ("/search", {**WHOLE, "filter": "emb:dimensions = 128", "filter-lang": "cql2-text"}),
    ("/collections/synthetic/items/tile-2019-000003", {}),
    ("/collections", {}),
]


def memory(pid):
    """Resident memory of a process, in MiB."""
    (line,) = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


@pytest.mark.slow
@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_mixed_load_while_crawls_are_loaded(empty_database, tmp_path):
    folders = [write_crawl(tmp_path / str(rows), batches=[batch(2019, rows), batch(2020, rows)]) for rows in ROWS]
    load_folder(empty_database, folders[0])
    address = f"http://127.0.0.1:{(port := free_port())}"
    environment = {**os.environ, "ATLAS_DATABASE_URL": url(empty_database), "ATLAS_STATE_DIR": str(tmp_path / "state")}
    program = [sys.executable, "-c", "from atlas.cli import main; main()", "serve", "--port", str(port)]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(program, env=environment, stderr=log)
    wrong, asked, stop = [], [0], threading.Event()

    def ask(first):
        with httpx.Client(base_url=f"{address}/stac", timeout=60) as client:
            turn = first
            while not stop.is_set():
                path, parameters = QUESTIONS[turn % len(QUESTIONS)]
                answer, turn = client.get(path, params=parameters), turn + 1
                asked[0] += 1
                matched = answer.json().get("numberMatched")
                if answer.status_code != 200 or (path == "/search" and matched not in {2 * rows for rows in ROWS}):
                    wrong.append((path, parameters, answer.status_code, matched))

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    loads = 0
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                assert httpx.get(f"{address}/ready", timeout=30).status_code == 200
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.2)
        for client in clients:
            client.start()
        end, warm = time.monotonic() + SECONDS, None
        while time.monotonic() < end:
            loads += 1
            load_folder(empty_database, folders[loads % 2])
            if warm is None and time.monotonic() > end - SECONDS * 2 / 3:
                warm = memory(server.pid)
        grown = memory(server.pid) - (warm or memory(server.pid))
    finally:
        stop.set()
        for client in clients:
            if client.ident:
                client.join(120)
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        finally:
            server.kill()
            server.wait()
    print(f"{SECONDS:.0f} s: {asked[0]:,} answers, {len(wrong)} wrong; {loads:,} loads; {grown:+.1f} MiB after a third")
    assert wrong == []
    assert loads > 2
    assert asked[0] > 20
    assert grown < 30, f"{grown:.0f} MiB more after the first third"
    assert one(empty_database, "SELECT count(*) FROM items") == (2 * ROWS[loads % 2],)
