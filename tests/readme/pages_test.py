#!/usr/bin/env python3
"""Compares the pages of docs/ with `steelsight --help` and with each other, without running their commands.

    pages_test.py REPOSITORY BUILD_FOLDER
"""
import pathlib
import re
import sys

import markdown

REPOSITORY, BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
sys.path.append(str(REPOSITORY / "scripts"))
import options  # scripts/options.py

PROGRAM = BUILD / "pipeline" / "steelsight"
COMMANDS = options.commands(PROGRAM)
# The parts of a command's page, in this order.
PARTS = ["Example", "Reads", "Writes", "Options", "What can go wrong", "Method"]


def option_names(command):
    """{"-o", "--output", ...}, with those of all commands."""
    printed = " ".join([*options.options(PROGRAM, command), *options.options(PROGRAM)])
    return set(re.findall(r"(?<!\w)--?[a-z][a-z0-9-]*", printed))


def check_options(name, text):
    """The table is that of --help, and no sentence names an option that there is not. Gives faults."""
    if options.with_tables(PROGRAM, text) != text:
        yield f"{name}: the table of options is not that of --help; run scripts/options.py"
    known = option_names(name) if name in COMMANDS else set().union(*map(option_names, COMMANDS))
    for span in markdown.spans(text):
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z0-9-]*", span) if span.startswith("-") else []:
            if option not in known:
                yield f"{name}: `{span}` is no option"


def check_links(page):
    for path, anchor in markdown.links(page.read_text()):
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{page.relative_to(REPOSITORY)}: a link leads to {path}, which does not exist"
        elif anchor and anchor not in markdown.anchors(target.read_text()):
            yield f"{page.relative_to(REPOSITORY)}: a link leads to {path}#{anchor}, which is no heading"


def check_sources(page):
    """Files of the repository that are named in code, not linked."""
    for span in markdown.spans(page.read_text()):
        if re.fullmatch(r"[a-z]+/[\w/.-]+\.(hpp|cpp|py|sh)", span) and not (REPOSITORY / span).exists():
            yield f"{page.relative_to(REPOSITORY)} names {span}, which does not exist"


def faults():
    docs = REPOSITORY / "docs"
    linked = {path for path, _ in markdown.links((REPOSITORY / "README.md").read_text())}
    for page in docs.glob("*.md"):
        if f"docs/{page.name}" not in linked:
            yield f"README.md has no link to docs/{page.name}"
        if page.stem != "design":
            yield from check_options(page.stem, page.read_text())
    for command in COMMANDS:
        page = docs / f"{command}.md"
        if not page.exists():
            yield f"docs/{command}.md does not exist"
            continue
        text = page.read_text()
        if f"<!-- options of steelsight {command} -->" not in text:
            yield f"{command}: the page has no table of options"
        parts = [title for level, title in markdown.headings(text) if level == 2]
        if parts != PARTS:
            yield f"{command}: the parts are {parts}, expected {PARTS}"
    for page in [*REPOSITORY.glob("*.md"), *docs.glob("*.md"), REPOSITORY / "models/pretrained/README.md"]:
        yield from check_links(page)
        yield from check_sources(page)


found = list(faults())
for fault in found:
    print(f"FAULT: {fault}")
print(f"{len(COMMANDS)} commands have their pages, {len(found)} faults")
sys.exit(bool(found))
