"""Run work in a child process that may be killed."""

import os
import signal
import time
import traceback


def child(work, *, kill_after=None):
    """Run work in a child and kill it after some seconds; whether it finished without a fault."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if "ATLAS_FAULTS_SHOW" not in os.environ:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - the parent sees the exit code
            traceback.print_exc()
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def seconds(work):
    """Run time of a child."""
    began = time.monotonic()
    assert child(work)
    return time.monotonic() - began
