"""The npm package of the schema: its contents, loading in Node, and types that agree with the schema."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from stac_emb.fields import FIELDS
from stac_emb.generate.typescript import render_types
from tests.environments import ROOT
from tests.extension.engines import EXAMPLES, read

pytestmark = pytest.mark.slow
TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"
ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}


def node(*command, cwd):
    return subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with the output of `npm pack` as its only package."""
    folder = tmp_path_factory.mktemp("npm")
    done = node("npm", "pack", "--pack-destination", str(folder), cwd=ROOT / "schemas" / "emb")
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("stac-emb-*.tgz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (folder / "node_modules").mkdir()
    shutil.move(folder / "package", folder / "node_modules" / "stac-emb")
    return folder


def test_node_loads_the_schema(project):
    code = "const e = require('stac-emb'); console.log(JSON.stringify([e.schema.$id, e.SCHEMA_URI]))"
    done = node("node", "-e", code, cwd=project)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert first.removesuffix("#") == second


def test_no_field_is_without_a_type():
    text = render_types()
    assert all(f'"{field.name}"?: ' in text for field in FIELDS)


def compiled(project, name, source):
    (project / name).write_text(source)
    done = node("node", str(TSC), "--noEmit", "--strict", "--skipLibCheck", "false", name, cwd=project)
    return done.returncode, done.stdout


@pytest.mark.skipif(not TSC.is_file(), reason="run `make setup`")
def test_the_types_accept_every_example_and_refuse_other_values(project):
    lines = ['import { AssetFields, CollectionFields, ItemFields } from "stac-emb";']
    for number, path in enumerate(EXAMPLES):
        document = read(path)
        item = document["type"] == "Feature"
        main = document["properties"] if item else document
        kind = "ItemFields" if item else "CollectionFields"
        assets = [*document.get("assets", {}).values(), *document.get("item_assets", {}).values()]
        for place, (name, holder) in enumerate([(kind, main), *(("AssetFields", asset) for asset in assets)]):
            ours = {key: value for key, value in holder.items() if key.startswith("emb:")}
            lines.append(f"export const d{number}_{place}: {name} = {json.dumps(ours)};")
    code, output = compiled(project, "fine.ts", "\n".join(lines))
    assert code == 0, output
    for wrong in ('{"emb:dimensions": "64"}', '{"emb:type": "chip"}', '{"emb:model": {}}', '{"emb:dimension": 64}'):
        code, output = compiled(project, "wrong.ts", f"{lines[0]}\nexport const d: CollectionFields = {wrong};")
        assert code != 0
        assert "wrong.ts(2," in output
