#!/usr/bin/env python3
"""Writes the tables of options in docs/ from what `steelsight COMMAND --help` prints.

    scripts/options.py [PROGRAM]    by default build/release/pipeline/steelsight

A table stands between the lines `<!-- options of steelsight train -->` and `<!-- end -->`. Names and
descriptions are the program's, word for word; the last column, the default, is written by hand and kept.
"""
import functools
import pathlib
import re
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
TABLE = re.compile(r"(<!-- options of steelsight ?(\w*) -->\n)(.*?)(?=<!-- end -->)", re.DOTALL)


@functools.cache
def help_page(program, command=""):
    return subprocess.run([program, *command.split(), "--help"], capture_output=True, text=True, check=True).stdout


def commands(program):
    return re.findall(r"^  ([a-z]+) +[A-Z]", help_page(program).split("Subcommands:")[1], re.MULTILINE)


def options(program, command=""):
    """{name as printed: description}, inputs first: of a command, or without one those that all have."""
    page = help_page(program, command)
    found = {}
    for section in re.findall(r"^(?:Positionals|Options):\n(.*?\n)(?:\n|\Z)", page, re.MULTILINE | re.DOTALL):
        # Descriptions begin in column 30, after a long name on the next line.
        for name, description in re.findall(r"^  (\S.{26} |\S.*\n {30})(.*)$", section, re.MULTILINE):
            found[name.strip()] = description
    if command:
        del found["-h,--help"]
    return found


def cell(text):
    return text.replace("|", r"\|")


def table(found, old=""):
    """`old` is the table before, whose defaults are kept."""
    rows = [[text.strip() for text in re.split(r"(?<!\\)\|", line)[1:-1]] for line in old.splitlines()]
    defaults = {row[0]: row[2] for row in rows}
    lines = ["| option | what | default |", "|---|---|---|"]
    for name, description in found.items():
        # "dataset DATASET" is an input that has no option's name.
        code = f"`{cell(re.sub(r'^[a-z]+ ', '', name).replace(',--', ', --'))}`"
        lines.append(f"| {code} | {cell(description)} | {defaults.get(code, '')} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def with_tables(program, text):
    """A page, with its tables as they should be."""
    return TABLE.sub(lambda match: match[1] + table(options(program, match[2]), match[3]), text)


if __name__ == "__main__":
    program = sys.argv[1] if len(sys.argv) > 1 else DOCS.parent / "build/release/pipeline/steelsight"
    for page in sorted(DOCS.glob("*.md")):
        page.write_text(with_tables(program, page.read_text()))
