"""Processes that are copies of one that has already fetched."""

import subprocess
import sys

SCRIPT = """
import os, sys
from atlas.fetch import FetchPolicy, fetcher_for, shared

url, host = sys.argv[1:]
policy = FetchPolicy(hosts=(host,), allow_private=True, attempts=1, rate=1e6, read_timeout=5)
fetcher = fetcher_for(policy)
assert fetcher.get(url + "/first").content == b"/first"
with shared._fetchers_lock, fetcher._lock:  # as another thread may, which is not copied
    copy = os.fork()
    if not copy:
        same = fetcher_for(policy).get(url + "/copy").content == fetcher.get(url + "/copy").content == b"/copy"
        os._exit(0 if same else 1)
assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 0
assert fetcher.get(url + "/again").content == b"/again"
"""


def test_a_copy_of_a_process_has_connections_of_its_own(web):
    asked = {}

    def handle(handler):
        asked[handler.path] = handler.client_address
        handler.reply(200, handler.path.encode())

    web.routes |= dict.fromkeys(("/first", "/copy", "/again"), handle)
    command = [sys.executable, "-W", "error", "-c", SCRIPT, web.url, web.host]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert asked["/first"] == asked["/again"] != asked["/copy"]
