"""An independent YAML parser accepts every catalogue file."""

import pytest
import yaml

from atlas.resources import data_dir

FILES = sorted(data_dir("catalog").rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_file_is_yaml_for_another_parser(file):
    # PyYAML's scanner in Python; the reader uses libyaml's, which lets an unquoted `? ` in a flow list pass.
    assert sum(1 for _ in yaml.parse(file.read_text("utf-8"), Loader=yaml.SafeLoader)) > 4


def test_what_only_one_of_the_two_accepts_is_refused():
    with pytest.raises(yaml.YAMLError):
        list(yaml.parse("aliases: [What is it? An answer]\n", Loader=yaml.SafeLoader))
