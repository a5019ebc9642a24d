"""Forks of a process work for it: in order, without a hang, and none is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells its threads")

RUN = """
import os, signal, sys, time
from stac_emb.forks import Ended, in_forks

def mine():
    # A process that was ended and is not waited for is still listed.
    listed = f"/proc/self/task/{os.getpid()}/children"
    return open(listed).read().split()

"""


def run(code, *, wait=60):
    done = subprocess.run([sys.executable, "-c", RUN + code], capture_output=True, text=True, timeout=wait, check=False)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_results_come_in_the_order_of_the_calls_from_other_processes():
    code = """
def call(number):
    time.sleep(0.02 * (number % 3 == 0))
    return number, os.getpid()
found = list(in_forks(call, iter([(n,) for n in range(100)]), 3))
assert [number for number, _ in found] == list(range(100))
assert os.getpid() not in {process for _, process in found}
print(len({process for _, process in found}), mine())
"""
    assert run(code) == ["3", "[]"]


def test_no_more_forks_are_made_than_there_are_calls():
    assert run("print(*[1 for _ in in_forks(os.getpid, iter([()]), 50)], mine())") == ["1", "[]"]


def test_neither_side_waits_for_the_other_where_calls_and_results_are_larger_than_a_pipe():
    code = """
found = in_forks(lambda text: text * 2, iter([(b"x" * 2**20,) for _ in range(40)]), 2)
print({len(each) for each in found}, mine())
"""
    assert run(code) == ["{2097152}", "[]"]


def test_what_a_call_raises_is_raised_in_its_place():
    code = """
from stac_emb.errors import UnreadableInput
def call(number):
    if number == 5:
        raise UnreadableInput("the fifth")
    return number
try:
    for number in in_forks(call, iter([(n,) for n in range(50)]), 2):
        print(number)
except UnreadableInput as error:
    print(error, mine())
"""
    assert run(code) == ["0", "1", "2", "3", "4", "the", "fifth", "[]"]


@pytest.mark.parametrize("moment", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)"])
def test_a_fork_that_was_ended_is_told(moment):
    code = f"""
def call(number):
    if number == 7:
        {moment}
    return number
try:
    print(len(list(in_forks(call, iter([(n,) for n in range(50)]), 2))))
except Ended:
    print("ended", mine())
"""
    assert run(code) == ["ended", "[]"]


def test_a_fork_that_was_ended_while_it_waited_for_a_call_is_told():
    code = """
def call(number):
    if number == 0:
        time.sleep(0.3)
        first = os.getppid()
        others = open(f"/proc/{first}/task/{first}/children").read().split()
        [os.kill(int(other), signal.SIGKILL) for other in others if int(other) != os.getpid()]
        time.sleep(0.3)
    return number
try:
    print(len(list(in_forks(call, iter([(0,), (1,)]), 2))))
except Ended:
    print("ended", mine())
"""
    assert run(code) == ["ended", "[]"]


def test_an_interrupt_right_after_the_fork_is_left_to_the_first_process():
    code = """
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGINT))
print(list(in_forks(lambda number: number, iter([(0,), (1,)]), 2)), mine())
"""
    assert run(code) == ["[0,", "1]", "[]"]


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4])
def test_a_fork_that_cannot_be_made_leaves_no_pipe(limit):
    code = f"""
import resource
from stac_emb.forks import NotStarted
before = os.listdir("/proc/self/fd")
least = max(int(fd) for fd in before[:-1]) + 1
hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (least + {limit}, hard[1]))
try:
    found = list(in_forks(lambda number: number, iter([(0,), (1,)]), 1))
except NotStarted as error:
    found = str(error).split()[-1]
resource.setrlimit(resource.RLIMIT_NOFILE, hard)
print(found == [0, 1] if {limit} > 3 else found, len(os.listdir("/proc/self/fd")) - len(before), mine())
"""
    assert run(code) == [*(["True"] if limit > 3 else ["files"]), "0", "[]"]


def test_calls_of_thousands_of_kinds_take_no_longer_than_those_of_few():
    code = """
def asked(kinds):
    compared = 0
    class Kind(int):
        def __hash__(self):
            nonlocal compared
            compared += 1
            return int(self)
    list(in_forks(lambda kind: None, iter([(n % kinds,) for n in range(600)]), 2, alike=lambda call: Kind(call[0])))
    return compared
print(asked(600) < 4 * asked(30))
"""
    assert run(code) == ["True"]


def test_who_stops_listening_leaves_no_process():
    code = """
found = in_forks(lambda: time.sleep(0.01) or os.getpid(), iter([()] * 10_000), 2)
next(found)
print(len(mine()))
found.close()
print(mine())
"""
    assert run(code) == ["2", "[]"]


def test_calls_that_are_alike_are_made_by_one_fork():
    code = """
def call(kind):
    time.sleep(0.002)
    return kind, os.getpid()
calls = [(n % 8,) for n in range(160)]
found = list(in_forks(call, iter(calls), 2, alike=lambda call: call[0]))
assert [(kind,) for kind, _ in found] == calls
# A few are made by the other one where it would wait at the end.
print(len({process for _, process in found}), len(set(found)) <= 11)
"""
    assert run(code) == ["2", "True"]


def test_calls_of_one_kind_keep_all_forks_busy():
    code = """
found = list(in_forks(lambda: time.sleep(0.005) or os.getpid(), iter([()] * 60), 2, alike=lambda _: "one"))
print(min(found.count(process) for process in set(found)) > 10, len(set(found)))
"""
    assert run(code) == ["True", "2"]


def test_a_fork_has_its_next_call_at_hand_while_the_first_process_looks_for_more(tmp_path):
    code = f"""
made = {str(tmp_path / "made")!r}
def calls():
    yield (0,)
    yield (1,)
    until = time.monotonic() + 20
    while not os.path.exists(made) and time.monotonic() < until:
        time.sleep(0.01)
    print(os.path.exists(made))
def call(number):
    if number == 1:
        open(made, "w").close()
print(list(in_forks(call, calls(), 1)), mine())
"""
    assert run(code) == ["True", "[None,", "None]", "[]"]


def test_calls_are_taken_only_a_few_ahead():
    code = """
taken = 0
def calls():
    global taken
    while True:
        taken += 1
        yield ()
found = in_forks(lambda: None, calls(), 2)
next(found)
time.sleep(0.5)
next(found)
print(taken < 100)
found.close()
"""
    assert run(code) == ["True"]


def test_ctrl_c_ends_all_at_once(tmp_path):
    script = tmp_path / "waiting.py"
    code = """
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a shell
for process in in_forks(lambda: time.sleep(0.05) or os.getpid(), iter([()] * 10_000), 2):
    print(process, flush=True)
"""
    script.write_text(RUN + code)
    with subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as first:
        others = {int(first.stdout.readline()) for _ in range(10)}
        os.killpg(first.pid, signal.SIGINT)
        _, said = first.communicate(timeout=60)
    assert said.count("KeyboardInterrupt") == 1, said
    assert not any(Path(f"/proc/{process}").exists() for process in others)
