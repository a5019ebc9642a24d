"""Locks on files of this machine."""

import pytest

from atlas.files import held


def test_nobody_else_can_hold_the_lock_of_a_file_that_is_made(tmp_path):
    path = tmp_path / "lock"
    with held(path):
        assert path.stat().st_mode & 0o077 == 0
        with pytest.raises(BlockingIOError), held(path):
            pass
    with held(path, shared=True), held(path, shared=True):
        pass
