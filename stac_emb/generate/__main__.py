"""Write, or with `--check` compare, everything that is generated from the field table."""

import sys
from pathlib import Path

from stac_emb.generate.targets import targets


def main() -> int:
    """Exit code 0 where every file is as generated (or was written), 1 where `--check` found another."""
    root = Path(__file__).resolve().parents[2]
    stale = []
    for name, text in targets().items():
        path = root / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    verb = "differs from" if "--check" in sys.argv[1:] else "written from"
    for name in stale:
        sys.stdout.write(f"{name}: {verb} the field table\n")
    return 1 if stale and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
