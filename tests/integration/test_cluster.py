"""The private cluster: started once for any number of users, stopped by the last, restarted after any crash."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from atlas.errors import StoreError
from atlas.store.cluster import lifecycle
from atlas.store.cluster.account import cluster_account
from atlas.store.cluster.lifecycle import PORT, Cluster
from atlas.store.cluster.postgres import find_installation
from tests.integration.prepared import copied_cluster
from tests.memory import memory


@pytest.fixture(scope="module", autouse=True)
def postgres():
    """These tests start clusters of their own."""
    try:
        return find_installation()
    except StoreError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def made(prepared):
    """A state folder with an initialised, stopped cluster, because initdb is slow."""
    with copied_cluster(prepared) as cluster:
        yield cluster._state_dir


@pytest.fixture
def state(made):
    """A copy of it, stopped again after the test."""
    yield made
    Cluster(made).shut_down()
    (made / "postgres" / "keep").unlink(missing_ok=True)


def postmaster(state):
    """Process id of the server."""
    return int((state / "postgres/data/pgdata/postmaster.pid").read_text().split()[0])


def answers(conninfo):
    with psycopg.connect(conninfo) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_it_listens_on_a_socket_only_and_not_as_root(state):
    with Cluster(state) as conninfo, psycopg.connect(conninfo) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW unix_socket_permissions").fetchone() == ("0700",)
        assert connection.execute("SHOW port").fetchone() == (str(PORT),)
        assert PORT != 5432
        assert Path(f"/proc/{postmaster(state)}").stat().st_uid == cluster_account().uid != 0


def test_whether_the_account_may_use_a_folder_is_asked_once(state, monkeypatch):
    """As root each check starts two processes, and every connection string needs one."""
    asked, real = [], lifecycle.private_folder
    monkeypatch.setattr(lifecycle, "private_folder", lambda *a, **k: asked.append(a) or real(*a, **k))
    cluster = Cluster(state)
    assert cluster.conninfo() == cluster.conninfo()
    assert len(asked) == 1


def test_the_last_one_to_leave_stops_it(state):
    first, second = Cluster(state), Cluster(state)
    conninfo = first.start()
    pid = postmaster(state)
    assert second.start() == conninfo
    first.stop()
    assert answers(conninfo)
    assert postmaster(state) == pid
    second.stop()
    assert not Cluster(state).running()


def test_starting_and_stopping_twice_does_no_harm(state):
    cluster = Cluster(state)
    assert cluster.start() == cluster.start()
    cluster.stop()
    cluster.stop()
    assert not cluster.running()


def test_one_that_was_asked_to_stay_stays(state):
    cluster = Cluster(state)
    cluster.start(keep=True)
    cluster.stop()
    assert cluster.running()
    with Cluster(state):
        pass
    assert cluster.running()
    assert cluster.shut_down()
    assert not cluster.running()
    assert not cluster.shut_down()


START = """
import sys, time
from pathlib import Path
from atlas.store.cluster.lifecycle import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print("started", flush=True)
if sys.argv[2] == "wait":
    sys.stdin.read()
    cluster.stop()
else:
    time.sleep(600)
"""


def starter(state, what):
    return subprocess.Popen(
        [sys.executable, "-c", START, str(state), what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_two_processes_that_start_at_once_share_one(state):
    processes = [starter(state, "wait") for _ in range(2)]
    try:
        assert [process.stdout.readline() for process in processes] == ["started\n"] * 2
        assert answers(Cluster(state).conninfo())
        processes[0].communicate("", timeout=60)
        assert answers(Cluster(state).conninfo())
        processes[1].communicate("", timeout=60)
        assert not Cluster(state).running()
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_killed_user_leaves_a_cluster_that_the_next_one_uses_and_stops(state):
    process = starter(state, "sleep")
    try:
        assert process.stdout.readline() == "started\n"
    finally:
        process.kill()
        process.communicate()
    pid = postmaster(state)
    with Cluster(state) as conninfo:
        assert answers(conninfo)
        assert postmaster(state) == pid
    assert not Cluster(state).running()


def test_it_starts_again_after_the_server_was_killed(state):
    cluster = Cluster(state)
    with psycopg.connect(cluster.start()) as connection:
        connection.execute("SET synchronous_commit = on")  # off in the tests' clusters
        connection.execute("CREATE TABLE IF NOT EXISTS kept (i int)")
    pid = postmaster(state)
    os.kill(pid, signal.SIGKILL)
    cluster.stop()
    assert (state / "postgres/data/pgdata/postmaster.pid").exists()
    with Cluster(state) as conninfo, psycopg.connect(conninfo) as connection:
        assert postmaster(state) != pid
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_it_starts_where_a_reboot_gave_the_old_process_id_to_another(state):
    """PostgreSQL alone refuses to start here, because a process of its account has the old id."""
    account = cluster_account()
    who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account.switch else {}
    other = subprocess.Popen(["sleep", "600"], cwd="/", **who)
    try:
        pid_file = state / "postgres/data/pgdata/postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{pid_file.parent}\n1600000000\n{PORT}\n/nowhere\n\n  1 1\nready   \n")
        os.chown(pid_file, account.uid, account.gid)
        with Cluster(state) as conninfo:
            assert answers(conninfo)
    finally:
        other.kill()
        other.wait()


def test_a_failed_start_shows_what_the_server_said(state):
    configuration = state / "postgres/data/pgdata/postgresql.conf"
    text = configuration.read_text()
    configuration.write_text(f"{text}\nno_such_setting = on\n")
    try:
        with pytest.raises(StoreError, match=r"(?s)did not start:.*no_such_setting"):
            Cluster(state).start()
    finally:
        configuration.write_text(text)
    with Cluster(state) as conninfo:
        assert answers(conninfo)


def test_one_in_use_is_not_erased(state):
    with Cluster(state), pytest.raises(StoreError, match="is in use: stop 'atlas up' first"):
        Cluster(state).erase()


def test_an_interrupted_initdb_is_begun_anew_and_an_erased_cluster_leaves_nothing():
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-", dir=memory()))
    folder.chmod(0o755)
    try:
        # A path of more than a hundred bytes: the socket has to go elsewhere.
        state = folder / ("long" * 20)
        cluster = Cluster(state)
        home = state / "postgres" / "data"
        home.mkdir(parents=True)
        account = cluster_account()
        account.own(home)
        (home / "pgdata.unfinished").mkdir()
        (home / "pgdata.unfinished" / "PG_VERSION").write_text("15\n")
        with cluster as conninfo:
            assert answers(conninfo)
            socket = Path(psycopg.conninfo.conninfo_to_dict(conninfo)["host"])
            assert len(str(socket)) < 60
        cluster.erase()
        assert not home.exists()
        assert not socket.exists()
    finally:
        Cluster(state).shut_down()
        Cluster(state).erase()  # asking whether it runs has made it a folder for its socket again
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(900)  # a slow mirror
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="unpacking Debian packages needs apt-get")
def test_postgresql_is_unpacked_and_runs_without_root(tmp_path, monkeypatch):
    """On Debian without root: download, unpack, start and migrate, all as an ordinary account."""
    folder = Path(tempfile.mkdtemp(prefix="atlas-test-"))
    folder.chmod(0o777)
    who = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    script = Path(__file__).resolve().parents[2] / "scripts" / "unpack-postgres.sh"
    try:
        subprocess.run(
            ["sh", str(script), str(folder / "state" / "system")],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": str(folder)},
            check=True,
            timeout=800,
            **who,
        )
        from atlas.store.cluster import postgres
        from atlas.store.database import migrate

        monkeypatch.setattr(postgres, "_GLOBS", ())
        monkeypatch.setenv("PATH", "/bin")
        found = find_installation(folder / "state")
        assert found.bin_dir.is_relative_to(folder)
        with Cluster(folder / "state") as conninfo:
            migrate(conninfo)
            with psycopg.connect(conninfo) as connection:
                moved = "ST_X(ST_Transform(ST_SetSRID(ST_MakePoint(500000, 0), 32631), 4326))"
                assert connection.execute(f"SELECT round({moved}::numeric, 6)").fetchone() == (3,)
                assert postmaster(folder / "state") > 0
    finally:
        Cluster(folder / "state").shut_down()
        shutil.rmtree(folder, ignore_errors=True)
