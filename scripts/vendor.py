"""Vendor the npm libraries that the site's scripts use.

    npm ci && python scripts/vendor.py [--check] [NAME ...]

`LIBRARIES` is the whole list; versions are those of `package-lock.json`, whose integrities `npm ci` has verified. A
library is either one file of its package or a bundle that esbuild makes of a few exports. Each goes to
`site/static/vendor`, with the licences of all packages in it beside it. `--check` compares the copies with the recorded
checksums, without npm and network.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LIBRARIES", "Library", "main"]

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "node_modules"
TARGET = ROOT / "site" / "static" / "vendor"
SOURCE_MAP = re.compile(rb"^(//[#@]\s*source.*|/\*[#@]\s*source.*?\*/)\s*$\n?", re.MULTILINE)
"""Comments that name a source map, which is not vendored."""


@dataclass(frozen=True, slots=True)
class Library:
    """One vendored file.

    Attributes:
        name: of the file in `site/static/vendor`.
        package: the npm package that it comes from; `package.json` pins it.
        sha256: of the file.
        file: the file of the package to copy, where it ships one that works as a classic script.
        entry: otherwise an ES module whose exports esbuild bundles.
        variable: the global variable that has the exports of `entry`.
        external: packages that `entry` leaves out because what the site calls never reaches them.
    """

    name: str
    package: str
    sha256: str
    file: str = ""
    entry: str = ""
    variable: str = ""
    external: tuple[str, ...] = ()


LIBRARIES = (
    Library(
        "minisearch.js",
        "minisearch",
        "885bdd4fc25c8e8c2634d39538abc4cfbdb87b5f24c007c1a8e45db60957e6ca",
        entry="export { default as MiniSearch } from 'minisearch'",
        variable="minisearch",
    ),
    Library(
        "hyparquet.js",
        "hyparquet",
        "e03fba8896154b4bf7e84d76c181b160f79bedfbad54e39b3065449d9ffba12e",
        entry="export { parquetMetadataAsync, parquetSchema } from 'hyparquet'",
        variable="hyparquet",
    ),
    Library(
        "fzstd.js", "fzstd", "fbea1c25c4413b620ca3f59e6037d9f6c675c5c7f690e4d660143188f686461d", file="umd/index.js"
    ),
    Library(
        "js-yaml.js",
        "js-yaml",
        "0de3dec92d20eab9e0b46a5d928cd45ec025d73e348ddf458dbfb01da00cb473",
        file="dist/js-yaml.min.js",
    ),
    Library(
        "geotiff.js",
        "geotiff",
        "32064643392baabe73231a4cfd75a7c05a64dcb23cc1a3d976e4327b2fe4d831",
        entry="export { fromBlob } from 'geotiff'",
        variable="geotiff",
        # Decoders of pixels: only headers are read.
        external=("lerc", "pako", "web-worker", "zstddec"),
    ),
    Library(
        "d3-map.js",
        "d3-geo",
        "3a18e1dc70ab3f4565349cad0703ac5c88cde0b2e8f808005a35bbcc0c812f17",
        entry="export { geoEqualEarth, geoPath } from 'd3-geo'; export { select } from 'd3-selection'; "
        "export { zoom, zoomIdentity, zoomTransform } from 'd3-zoom'",
        variable="d3Map",
    ),
)


def version_of(package: str) -> str:
    """The version that the lock file holds."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    return str(lock["packages"][f"node_modules/{package}"]["version"])


def check(library: Library) -> None:
    """Compare the vendored file with its checksum."""
    path = TARGET / library.name
    if not path.is_file():
        sys.exit(f"{library.name} is missing: run scripts/vendor.py {library.name}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != library.sha256:
        sys.exit(f"{library.name} has the SHA-256 {found}, not the recorded {library.sha256}")


def vendor(library: Library) -> None:
    """Write the file and its licences."""
    if library.file:
        content, packages = (PACKAGES / library.package / library.file).read_bytes(), [library.package]
    else:
        content, packages = bundled(library)
    TARGET.mkdir(parents=True, exist_ok=True)
    (TARGET / library.name).write_bytes(SOURCE_MAP.sub(b"", content))
    texts = "\n".join(f"{name} {version_of(name)}\n\n{licence_of(name)}" for name in packages)
    (TARGET / f"LICENSE-{library.name.partition('.')[0]}.txt").write_text(texts, "utf-8")


def bundled(library: Library) -> tuple[bytes, list[str]]:
    """What esbuild makes of the exports, and the packages that went into it."""
    with tempfile.TemporaryDirectory() as folder:
        out, meta = Path(folder) / "bundle.js", Path(folder) / "meta.json"
        options = ("--bundle", "--minify", "--format=iife", "--platform=browser", "--target=es2022", "--charset=utf8")
        subprocess.run(
            [
                str(PACKAGES / ".bin" / "esbuild"),
                *options,
                f"--global-name={library.variable}",
                *(f"--external:{name}" for name in library.external),
                f"--outfile={out}",
                f"--metafile={meta}",
                "--log-level=warning",
            ],
            cwd=ROOT,
            input=library.entry.encode(),
            check=True,
        )
        (output,) = json.loads(meta.read_text("utf-8"))["outputs"].values()
        used = [name for name, part in output["inputs"].items() if part["bytesInOutput"]]
        paths = [name.rpartition("node_modules/")[2].split("/") for name in used if "node_modules/" in name]
        names = {"/".join(parts[: 2 if parts[0].startswith("@") else 1]) for parts in paths}
        return out.read_bytes(), sorted(names)


def licence_of(package: str) -> str:
    """The text that must travel with copies."""
    folder = PACKAGES / package
    for path in sorted(folder.iterdir()):
        if re.fullmatch(r"(licen[cs]e|copying)(\.(txt|md))?", path.name, re.IGNORECASE):
            return path.read_text("utf-8").strip() + "\n"
    sys.exit(f"{package} ships no licence text")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only compare with the recorded checksums")
    parser.add_argument("names", nargs="*", metavar="NAME", help="files to vendor, all if none is named")
    options = parser.parse_args()
    known = {library.name: library for library in LIBRARIES}
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"{unknown[0]} is not in the list")
    for library in [known[name] for name in options.names] or LIBRARIES:
        if not options.check:
            vendor(library)
        check(library)
        print(f"{library.package} {version_of(library.package)}: site/static/vendor/{library.name}")


if __name__ == "__main__":
    main()
