"""Settings come from the environment; errors name the setting."""

import pytest

from atlas.errors import SettingsError
from atlas.records.docs import docstrings
from atlas.settings import Settings, load_settings


def test_defaults(monkeypatch):
    monkeypatch.delenv("ATLAS_PORT", raising=False)
    monkeypatch.delenv("ATLAS_HOST", raising=False)
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_environment_wins(monkeypatch):
    monkeypatch.setenv("ATLAS_PORT", "9001")
    assert load_settings().port == 9001


@pytest.mark.parametrize("value", ["eighty", "70000", "-1"])
def test_a_wrong_value_names_the_variable(monkeypatch, value):
    monkeypatch.setenv("ATLAS_PORT", value)
    with pytest.raises(SettingsError, match="ATLAS_PORT"):
        load_settings()


def test_every_setting_is_documented():
    assert docstrings(Settings).keys() == Settings.model_fields.keys()
