"""Processes that are copies of one that has already fetched."""

import subprocess
import sys

SCRIPT = """
import os, sys
from atlas.fetch import client
from atlas.fetch.policy import FetchPolicy
from atlas.fetch.client import fetcher_for

url, host = sys.argv[1:]
policy = FetchPolicy(hosts=(host,), allow_private=True, attempts=1, rate=1e6, read_timeout=5)
fetcher = fetcher_for(policy)
assert fetcher.get(url + "/first").content == b"/first"
with client._fetchers_lock, fetcher._lock:  # as another thread may, which is not copied
    copy = os.fork()
    if not copy:
        same = fetcher_for(policy).get(url + "/copy").content == fetcher.get(url + "/copy").content == b"/copy"
        os._exit(0 if same else 1)
assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 0
assert fetcher.get(url + "/again").content == b"/again"
"""

AHEAD = """
import os, signal, sys
from atlas.fetch.policy import FetchPolicy
from atlas.fetch.ranges import RangeFile
from atlas.fetch.client import fetcher_for

url, host = sys.argv[1:]
policy = FetchPolicy(hosts=(host,), allow_private=True, attempts=1, rate=1e6, read_timeout=5, concurrency=1)
with RangeFile(fetcher_for(policy), url + "/a") as file:
    file.fetch_ahead([(0, 1000), (500_000, 500_100), (900_000, 900_100)])  # one after the other
    copy = os.fork()
    if not copy:
        signal.alarm(20)
        file.seek(900_000)
        same = file.read(3) == b"xxx"
        file.close()
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]) == 0
    file.seek(900_000)
    assert file.read(3) == b"xxx"
"""


def run(script, web):
    # Python 3.12 warns of a fork beside threads, which is what is tested.
    warned = ["-W", "error", "-W", "ignore:This process:DeprecationWarning"]
    command = [sys.executable, *warned, "-c", script, web.url, web.host]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_copy_of_a_process_waits_for_nothing_that_the_original_fetches(web):
    web.objects["/a"] = b"x" * 2_000_000
    run(AHEAD, web)


def test_a_copy_of_a_process_has_connections_of_its_own(web):
    asked = {}

    def handle(handler):
        asked[handler.path] = handler.client_address
        handler.reply(200, handler.path.encode())

    web.routes |= dict.fromkeys(("/first", "/copy", "/again"), handle)
    run(SCRIPT, web)
    assert asked["/first"] == asked["/again"] != asked["/copy"]
