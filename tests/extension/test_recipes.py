"""The README's recipes for other projects run as shown, offline."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.extension.engines import EMB, INVALID, ROOT, node_command, schema_map

BIN = Path(sys.executable).parent
FOLDER = ROOT / "schemas" / "emb"
README = (FOLDER / "README.md").read_text("utf-8")
GOOD, BAD = EMB / "examples" / "pixel-cog-collection.json", EMB / "invalid" / "collection-space.json"
# Whatever asks a proxy gets no answer: a recipe that needs the network fails.
OFFLINE = {
    **{f"{name}_proxy": "http://127.0.0.1:9" for name in ("http", "https", "HTTP", "HTTPS", "all", "ALL")},
    "no_proxy": "",
    "NO_COLOR": "1",
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    "HOME": os.environ.get("HOME", "/"),
}


def run(command, cwd=ROOT, **env):
    """Exit code and output of a command, or of a bash script."""
    arguments = ["bash", "-e", "-o", "pipefail", "-c", command] if isinstance(command, str) else command
    done = subprocess.run(arguments, cwd=cwd, env=OFFLINE | env, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def readme_command(start):
    """The README's command that starts with these words."""
    found = [line.removeprefix("$ ") for line in README.splitlines() if line.startswith(f"$ {start}")]
    assert found, start
    return found[0]


@pytest.mark.parametrize(
    ("start", "folder"),
    [
        ("stac-emb validate", ROOT),
        ("stac-valid", ROOT),
        ("npx stac-node-validator", FOLDER),
        ("check-jsonschema", ROOT),
    ],
)
def test_commands_of_the_readme_accept_and_refuse(start, folder):
    command = readme_command(start).replace("SCHEMAS", "schemas")
    if start.startswith("npx"):
        node_command()  # skips or fails where it is not installed
        command = command.replace(
            "npx stac-node-validator", str(ROOT / "node_modules" / ".bin" / "stac-node-validator")
        )
    for file, expected in ((GOOD, 0), (BAD, 1)):
        here = re.sub(r"(/path/to/)?my-collection\.json", str(file), command)
        code, output = run(here.split(), cwd=folder)
        assert code == expected, output[-3000:]


def test_stac_node_validator_takes_the_map_on_its_command_line():
    node_command()
    command = [str(ROOT / "node_modules" / ".bin" / "stac-node-validator")]
    maps = [part for uri, path in schema_map().items() for part in ("--schemaMap", f"{uri}={path}")]
    code, output = run([*command, str(GOOD), *maps])
    assert code == 0, output
    assert "Passed: 1" in output
    code, output = run([*command, str(BAD), *maps])
    assert code == 1
    assert "Invalid: 1" in output


def test_the_schemas_are_found_as_the_readme_says():
    command = re.search(r'`python -c "([^`]+)"`', README)[1]
    code, output = run([sys.executable, "-c", command])
    assert code == 0
    assert (Path(output.strip()) / "emb" / "schema-config.json").is_file()


def test_python_code_of_the_readme_runs(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    shutil.copy(GOOD, tmp_path / "my-collection.json")
    code, output = run([sys.executable, "-W", "error", "-c", "\n".join(blocks)], cwd=tmp_path)
    assert code == 0, output
    assert re.match(r"\d+ \w+", output)


def test_every_console_command_of_the_readme_is_known_to_these_tests():
    commands = [line[2:] for line in README.splitlines() if line.startswith("$ ")]
    tested = ("stac-emb validate", "stac-valid validate", "npx stac-node-validator", "check-jsonschema")
    assert commands
    assert all(command.startswith(tested) for command in commands)


def test_pre_commit_hook_accepts_refuses_and_passes_over(tmp_path):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    shown = yaml.safe_load(re.findall(r"```yaml\n(repos:.*?)```", README, re.DOTALL)[0])
    assert shown["repos"][0]["hooks"] == [{"id": hook["id"]}]
    command = hook["entry"].replace("packages/stac-emb/run.py", f"{sys.executable} -m stac_emb").split()
    other = tmp_path / "package.json"
    other.write_text('{"name": "x"}')
    pattern = re.compile(hook["files"])
    assert all(pattern.search(str(path)) for path in (GOOD, BAD, other))
    assert run([*command, str(GOOD), str(other)])[0] == 0
    assert run([*command, str(other)])[0] == 0
    code, output = run([*command, str(BAD), str(other)])
    assert code == 1
    assert "collection-space" in output


def test_action_annotates(tmp_path):
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    step = next(step for step in action["runs"]["steps"] if step.get("name") == "Validate")
    assert set(step["env"]) == {
        "ACTION_PATH",
        *(f"INPUT_{name.upper()}" for name in action["inputs"] if name != "python-version"),
    }
    assert "${{" not in step["run"]
    # The environment is another test's: here the modules of the checkout run.
    step["run"] = step["run"].replace('"$ACTION_PATH/packages/stac-emb/run.py"', "-m stac_emb")
    defaults = {f"INPUT_{name.upper()}": str(spec.get("default", "")) for name, spec in action["inputs"].items()}
    assert run(step["run"], **defaults | {"INPUT_PATHS": str(EMB / "examples")})[0] == 0
    code, output = run(step["run"], **defaults | {"INPUT_PATHS": f"{GOOD}\n{BAD}"})
    assert code == 1
    assert f"::error file={BAD},line=1,title=emb/collection-space::" in output
    code, output = run(step["run"], **defaults | {"INPUT_PATHS": "$(touch pwned) *.nothing"}, cwd=tmp_path)
    assert code == 2
    assert not (tmp_path / "pwned").exists()


def test_action_runs_only_what_is_pinned():
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    uses = [step["uses"] for step in action["runs"]["steps"] if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name) for name in uses)
    pins = (ROOT / "constraints" / "stac-emb.txt").read_text()
    all_pins = (ROOT / "constraints" / "all.txt").read_text()
    listed = re.findall(r"^(\S+==\S+)", pins, re.MULTILINE)
    assert {name.partition("==")[0] for name in listed} >= {"pystac", "pydantic", "jsonschema-rs", "orjson"}
    assert all(f"\n{name} " in f"\n{all_pins}" for name in listed), "run `make lock`"
    assert pins.count("--hash=sha256:") > len(listed)


def test_all_broken_documents_are_refused_by_the_command_in_one_run():
    code, output = run(["stac-emb", "validate", *[str(EMB / "invalid" / name) for name in INVALID]])
    assert code == 1
    assert f"{len(INVALID)} checked, 0 valid, {len(INVALID)} invalid" in output
    for name, expected in INVALID.items():
        assert f"{name} - " in output
        assert expected["message"] in output


def test_the_walk_from_an_empty_file_to_a_valid_collection_and_item(tmp_path):
    section = README.partition("## From an empty file")[2].partition("\n## ")[0]
    begun, more, item = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", section, re.DOTALL))
    for name, document in (("my-collection.json", begun), ("my-item.json", item)):
        (tmp_path / name).write_text(json.dumps(document))
    assert "`stac-emb validate my-collection.json`" in section
    code, output = run("stac-emb validate my-collection.json", cwd=tmp_path)
    assert code == 1
    # One field a line: what is missing is what the next step adds, or gives a reason for.
    missing = set(re.findall(r"a Collection must state `(emb:[a-z_]+)`", output))
    assert missing <= {*more, *more["emb:absent"]}
    assert len(missing) == 8
    (tmp_path / "my-collection.json").write_text(json.dumps(begun | more))
    code, output = run("stac-emb validate my-collection.json my-item.json", cwd=tmp_path)
    assert code == 0, output
