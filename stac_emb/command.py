"""`stac-emb`: the commands of this package; `atlas validate` and `atlas convert` are the same ones."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stac_emb import convert_options
from stac_emb.errors import EmbError, UnreadableInput
from stac_emb.faults import Fault, short_name
from stac_emb.identity import PACKAGE, __version__
from stac_emb.inputs.documents import Reader
from stac_emb.inputs.network import fetch, fetch_schema
from stac_emb.project_table import project_table
from stac_emb.report import FORMATS
from stac_emb.run import Run
from stac_emb.schema_cache import SchemaCache, schema_cache
from stac_emb.selection import Selection, check_names, split_names
from stac_emb.validate import Validator

__all__ = ["HELP", "OPTIONS", "Option", "chosen_rules", "main", "validate"]

HELP = """Validate STAC documents, offline.

FILE is a document, folder, glob, ndjson, stac-geoparquet, `-` (standard input) or an address.

Prints one line per fault: file - id - JSON pointer - rule - what to change - where it is explained. Advice, and an
extension whose schema is not at hand, are reported in the same way and are no faults unless --strict is given.

--select and --ignore take names of rules or of groups (what stands before the slash), separated by commas; the longer
name decides. Without them, and without --strict, the table [tool.stac-emb] of the nearest pyproject.toml does.

Exit code 0: all valid; 1: something is invalid; 2: something could not be read, or nothing was checked.
"""


_RARELY = 200_000
"""Objects made between two runs of the garbage collector."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option, independent of the command-line library."""

    name: str
    help: str
    short: str | None = None
    kind: str = "flag"
    """`flag`, `switch` (with a `--no-` twin), `text`, `choice` or `count`."""
    default: Any = False
    choices: tuple[str, ...] = ()


OPTIONS = (
    Option("format", "Output format.", kind="choice", default="text", choices=tuple(FORMATS)),
    Option("recursive", "Follow the child and item links of Catalogs and Collections.", short="r"),
    Option("allow-network", "Fetch addresses, and schemas that are not bundled. Without it, nothing is."),
    Option("semantic", "Check rules that JSON Schema cannot express.", kind="switch", default=True),
    Option("select", "Report only these rules.", kind="text", default=None),
    Option("ignore", "Do not report these rules.", kind="text", default=None),
    Option(
        "strict", "Exit with 1 also for advice and for extensions that are not checked.", kind="switch", default=None
    ),
    Option(
        "passing-over",
        "Skip named files that hold no STAC object (for pre-commit); no error if none is left.",
    ),
    Option("jobs", "Processes for many files, and for long ones (default: all cores).", kind="count", default=None),
    Option("rules", "List the rules by name, with what they report."),
)


def chosen_rules(select: Sequence[str], ignore: Sequence[str], cache: SchemaCache) -> Selection:
    """The rules with these names.

    Raises:
        SelectionError: a name matches no rule.
    """
    if not select and not ignore:
        return Selection()
    from stac_emb.rule_list import known_names

    known = [*known_names(), *(short_name(uri) for uri in cache.entries())]
    return Selection(check_names(select, known), check_names(ignore, known))


def validate(names: Sequence[str], values: dict[str, Any], echo: Callable[[str, bool], None]) -> int:
    """Run the command.

    Args:
        names: what to validate.
        values: the options by their names, with `_` for `-`.
        echo: prints a line, to standard error where the flag is set.

    Returns:
        The exit code.
    """
    if values["rules"]:
        _print_rules(echo)
        return 0
    cache = schema_cache(fetch_schema if values["allow_network"] else None)
    table = project_table(Path())
    select, ignore = (
        split_names(values[name]) if values[name] is not None else getattr(table, name) or ()
        for name in ("select", "ignore")
    )
    strict = values["strict"] if values["strict"] is not None else bool(table.strict)
    validator = Validator(fetch=cache, semantic=values["semantic"], rules=chosen_rules(select, ignore, cache))
    form, allowed = values["format"], values["allow_network"]
    line = FORMATS[form]

    def on_fault(fault: Fault) -> None:
        if line is not None:
            echo(line(fault), False)

    watched = sys.stderr.isatty()

    def on_progress(checked: int) -> None:
        if watched:
            sys.stderr.write(f"\r{checked:,} checked")
            sys.stderr.flush()

    reader = Reader(
        fetch=fetch if allowed else None, recursive=values["recursive"], passing_over=values["passing_over"]
    )
    run = Run(validator, reader, on_fault, jobs=values["jobs"], strict=strict, on_progress=on_progress)
    run.report.keep, run.report.gather = line is None, form == "text"
    run.report.may_be_empty = values["passing_over"]
    # Documents hold no reference cycles: looking for them would take a third of the time.
    threshold = gc.get_threshold()
    gc.set_threshold(_RARELY, *threshold[1:])
    try:
        report = run.run(names)
    finally:
        gc.set_threshold(*threshold)
    if watched and report.checked:
        sys.stderr.write("\r\x1b[K")
    for fault in report.gathered():
        on_fault(fault)
    if form == "json":
        echo(report.to_json(), False)
    elif form == "sarif":
        echo(report.to_sarif(), False)
    else:
        for hint, count in report.hints.items():
            echo(f"hint: {count} document(s) {hint}", True)
        echo(report.summary(), form == "github")
    return report.exit_code


def _print_rules(echo: Callable[[str, bool], None]) -> None:
    from stac_emb.rule_list import rule_list, schema_groups

    for row in rule_list():
        echo(f"{row.name} - {' or '.join(row.levels)} - {row.text}", False)
    for group in ["emb", *schema_groups()]:
        echo(f"{group}/KEYWORD - fault - What the schema refuses, by its keyword.", False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(PACKAGE, description="The emb STAC extension: an offline validator of STAC.")
    parser.add_argument("--version", action="version", version=f"{PACKAGE} {__version__}")
    # Where `prog` is not given, argparse looks for the width of the terminal with a module that loads four others.
    commands = parser.add_subparsers(required=True, metavar="COMMAND", prog=PACKAGE)
    command = commands.add_parser(
        "validate",
        help="Validate STAC documents.",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("names", nargs="*", metavar="FILE")
    other = commands.add_parser(
        "convert",
        help="Convert to and from the community draft, Zarr attributes, dataset cards, GeoCroissant and MLM.",
        description=convert_options.HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    other.add_argument("name", metavar="FILE")
    other.add_argument("--to", dest="form", required=True, choices=convert_options.FORMS)
    other.add_argument("--out", type=Path, help="Write to a file instead of printing.")
    for option in OPTIONS:
        flags = [f"--{option.name}"] + ([f"-{option.short}"] if option.short else [])
        more: dict[str, Any] = {"help": option.help, "default": option.default}
        if option.kind == "flag":
            more["action"] = "store_true"
        elif option.kind == "switch":
            more["action"] = argparse.BooleanOptionalAction
        elif option.kind == "choice":
            more["choices"] = option.choices
        elif option.kind == "count":
            more["type"] = _count
        command.add_argument(*flags, **more)
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return int(text)


def _write_no_more() -> None:
    """Let nobody try again to write what is left: Python would when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script."""
    parser = _parser()
    values = vars(parser.parse_args(arguments))
    names = values.pop("names", None)
    if names == [] and not values["rules"]:
        parser.error("name at least one FILE")

    def echo(text: str, aside: bool) -> None:
        print(text, file=sys.stderr if aside else sys.stdout)

    try:
        if names is None:
            from stac_emb.convert import convert  # brings pydantic, which validation need not wait for

            code = convert(values["name"], values["form"], values["out"], echo)
        else:
            code = validate(names, values, echo)
        sys.stdout.flush()
    except EmbError as error:
        print(f"{PACKAGE}: {error}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:  # not 1, which means that something is invalid
        print("interrupted", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # the reader closed the pipe, as `head` does
        _write_no_more()
        code = 1
    except OSError as error:  # a full disk
        _write_no_more()
        print(f"{PACKAGE}: {error.filename or 'the output could not be written'}: {error.strerror}", file=sys.stderr)
        code = UnreadableInput.exit_code
    sys.exit(code)
