"""The cluster's account and the folders that it may use."""

import os
import shutil

import pytest

from atlas.errors import StoreError
from atlas.store.cluster import account
from atlas.store.cluster.account import cluster_account, private_folder


def test_root_hands_over_and_others_stay_who_they_are():
    found = cluster_account()
    assert found.uid != 0
    assert found.switch is (os.geteuid() == 0)
    said = found.run(["id", "-u"], {}, timeout=20)
    assert said.stdout.strip() == str(found.uid)


def test_root_without_an_account_to_hand_over_to_is_told(monkeypatch):
    monkeypatch.setattr(account.os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "_ACCOUNTS", ("nobody-has-this-name",))
    with pytest.raises(StoreError, match="does not run as root, and this machine has no account named nobody-has-this"):
        cluster_account()


def test_an_id_without_a_name_is_told(monkeypatch):
    monkeypatch.setattr(account.os, "geteuid", lambda: 54_321_987)
    with pytest.raises(StoreError, match="user id 54321987 has no name"):
        cluster_account()


@pytest.fixture
def elsewhere():
    """Remove folders created outside the test's own."""
    made = []
    yield made
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_short_open_path_is_used_as_it_is(tmp_path, monkeypatch):
    owner = cluster_account()
    monkeypatch.setattr(account.Account, "may_use", lambda self, folder: True)
    assert private_folder(tmp_path / "data", owner, longest=4000) == tmp_path / "data"
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "data").stat().st_uid == owner.uid


def test_a_long_path_goes_elsewhere_and_is_remembered(tmp_path, elsewhere):
    owner = cluster_account()
    folder = private_folder(tmp_path / "socket", owner, longest=10)
    elsewhere.append(folder)
    assert len(str(folder)) < 40
    assert folder.stat().st_mode & 0o777 == 0o700
    assert private_folder(tmp_path / "socket", owner, longest=10) == folder


def test_a_place_that_was_emptied_is_chosen_anew(tmp_path, elsewhere):
    owner = cluster_account()
    first = private_folder(tmp_path / "socket", owner, longest=10)
    first.rmdir()
    second = private_folder(tmp_path / "socket", owner, longest=10)
    elsewhere.append(second)
    assert second != first
    assert second.is_dir()


def test_a_place_that_another_has_taken_is_not_trusted(tmp_path, elsewhere):
    owner = cluster_account()
    (tmp_path / "socket.location").write_text("/usr\n")  # a folder of root, as a stranger's would be
    folder = private_folder(tmp_path / "socket", owner, longest=10)
    elsewhere.append(folder)
    assert str(folder) != "/usr"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to an account that may not enter")
def test_a_folder_that_the_account_may_not_enter_is_replaced(tmp_path, elsewhere):
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    owner = cluster_account()
    folder = private_folder(closed / "state" / "data", owner)
    elsewhere.append(folder)
    assert not folder.is_relative_to(tmp_path)
    assert owner.may_use(folder)
    assert not (closed / "state" / "data").exists()
