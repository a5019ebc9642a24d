"""List the packages that the atlas is made of, and their known vulnerabilities.

    python scripts/supply_chain.py sbom [FOLDER]     offline: a CycloneDX document for each list of packages
    python scripts/supply_chain.py audit             asks PyPI and npm about every package of the lists

Run by `make sbom` and `make audit` in their own environment, pinned in `constraints/audit.txt`: cyclonedx-py and
pip-audit do the work for Python, npm for the packages of the tests' Node.js.

Exit codes of `audit`: 0 none is known; 1 some are; 3 none was found, but a registry could not be reached.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[1]
LISTS = {"server": "what the image holds", "all": "every package of a development environment", "stac-emb": "stac-emb"}
"""Lists below `constraints/`; that of the server is part of that of all."""
PATIENCE = 15
"""Seconds for one answer."""


def main(arguments: list[str]) -> int:
    """Run one of the two; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="What the atlas is made of, and which vulnerabilities of it are known."
    )
    parser.add_argument("what", choices=["sbom", "audit"])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "sbom")
    given = parser.parse_args(arguments)
    return sbom(given.folder) if given.what == "sbom" else audit()


def sbom(folder: Path) -> int:
    """Write `NAME.cdx.json` for each list and for npm; the same lists give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, what in LISTS.items():
        project = ROOT / "packages" / "stac-emb" / "pyproject.toml" if name == "stac-emb" else ROOT / "pyproject.toml"
        # Which of them the project asks for itself stands in its own metadata: the tool warns that it is not told.
        command = [sys.executable, "-W", "ignore::UserWarning", "-m", "cyclonedx_py", "requirements", str(_list(name))]
        command += [f"--pyproject={project}", "--output-reproducible", "--spec-version=1.6"]
        command += [f"--output-file={folder / name}.cdx.json"]
        if done := _run(command).returncode:
            return done
        print(f"{folder / name}.cdx.json: {len(_pins(name))} packages: {what}")
    npm = _run(["npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only"], quiet=True)
    if npm.returncode:
        print(f"npm sbom: {npm.stderr.strip()}", file=sys.stderr)
        return npm.returncode
    document = json.loads(npm.stdout)
    del document["serialNumber"], document["metadata"]["timestamp"]  # so that the same list gives the same bytes
    (folder / "npm.cdx.json").write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    print(f"{folder}/npm.cdx.json: {len(document['components'])} packages: what the tests' Node.js runs")
    return 0


def audit() -> int:
    """Print each known vulnerability, and which registry could not be reached."""
    command = [sys.executable, "-m", "pip_audit", f"--requirement={_list('all')}", "--disable-pip", "--require-hashes"]
    command += ["--format=json", "--progress-spinner=off", f"--timeout={PATIENCE}"]
    image = _pins("server")
    found: list[str] = []
    silent = []
    for where, asked, reported in (
        ("PyPI", command, lambda answer: python_vulnerabilities(answer, image)),
        ("npm", ["npm", "audit", "--json", "--package-lock-only"], npm_vulnerabilities),
    ):
        done = _run(asked, quiet=True)
        try:
            found += reported(json.loads(done.stdout))
        except (ValueError, KeyError, TypeError):
            lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()] or ["it said nothing"]
            silent.append(f"{where} could not be reached (this needs the network): {lines[-1]}")
    print(*found, *silent, sep="\n")
    print(f"{len(found)} known vulnerabilities" + (f"; {len(silent)} of 2 registries not reached" if silent else ""))
    return 1 if found else 3 if silent else 0


def python_vulnerabilities(answer: dict[str, Any], image: set[str]) -> Iterator[str]:
    """A line for each, from pip-audit's JSON."""
    for package in answer["dependencies"]:
        for one in package.get("vulns", ()):
            where = "in the image" if package["name"] in image else "not in the image"
            fixed = f"fixed in {', '.join(one['fix_versions'])}" if one["fix_versions"] else "fixed in no version"
            yield f"{package['name']} {package['version']}: {one['id']}; {fixed}; {where}"


def npm_vulnerabilities(answer: dict[str, Any]) -> Iterator[str]:
    """A line for each, from the JSON of `npm audit`; a refusal has no member of this name."""
    for name, one in sorted(answer["vulnerabilities"].items()):
        told = {via["url"] for via in one["via"] if isinstance(via, dict)}
        yield f"npm {name} {one['range']}: {one['severity']}; {', '.join(sorted(told)) or 'through another package'}"


def _list(name: str) -> Path:
    return ROOT / "constraints" / f"{name}.txt"


def _pins(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)==", _list(name).read_text("utf-8"), re.MULTILINE))


def _run(command: list[str], *, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, text=True, capture_output=quiet, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
