#!/usr/bin/env python3
"""Does what README.md and the pages of docs/ say: their commands and code blocks in their order, and then
the examples of `--help`, each literally, as a reader would from a folder that is empty but for the program and
the scripts.

    commands_test.py REPOSITORY BUILD_FOLDER

Every command of the documents is run, or stands in not_run.py with the reason. Data that the documents
leave to the reader are made by PREPARATIONS.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import markdown
from not_run import NOT_RUN

REPOSITORY, BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
sys.path.append(str(REPOSITORY / "scripts"))
import options  # scripts/options.py

# Followed in the order in which README.md links to them.
PAGES = list(dict.fromkeys(path for path, _ in markdown.links((REPOSITORY / "README.md").read_text())
                           if path.startswith("docs/") and path.endswith(".md") and path != "docs/design.md"))
# Their commands are those of the pages, or listed.
OTHER_DOCUMENTS = ["docs/design.md", "CONTRIBUTING.md", "models/pretrained/README.md"]
LISTED = {command for commands in NOT_RUN.values() for command in commands}

# Shell that makes what a reader would bring, run before the command. The first makes the data smaller: ten
# images of each class are enough for everything that follows.
PREPARATIONS = {
    "steelsight classify images -o named":
        "find images -name '*_[1-9][0-9].bmp' ! -name '*_10.bmp' -delete",
    "steelsight extend new_images -o extended.safetensors":
        "steelsight synth -o drawn --per-class 10 --size 16 --seed 2; "  # blurred: a class of its own
        "mkdir -p new_images/Small; cp drawn/Sc_* new_images/Small",
    "steelsight extend new_images --model model.safetensors -o model2.safetensors --old some_old_images":
        "cp -r images some_old_images",
    "steelsight explore table.csv -o explored":
        "echo a,b,label >table.csv; for i in {1..20}; do echo $i,$((i * i % 7)),$((i % 2)); done >>table.csv",
    "steelsight report old/predictions.csv new/predictions.csv -o compared":
        "cp -r evaluation old; steelsight evaluate images -o new --model model8.safetensors --explain-by none",
    "steelsight classify images 'archive/*.bmp' -o named --model model.safetensors":
        "mkdir archive; cp images/Cr_* archive",
}
# There is nothing to pin where oneDNN has no Winograd: `bench` says what it runs on.
NEED_WINOGRAD = ["cp ~/.cache/steelsight/kernels.json kernels.json",
                 "steelsight train images -o model.safetensors --threads 1 --kernels kernels.json"]


class Reader:
    """Types commands into one shell after the other; folder, files and environment stay."""

    def __init__(self, folder):
        self.here = folder / "here"
        self.ran = {}  # what each command printed
        self.faults = []
        home = folder / "home"
        for made in (self.here, home, self.here / "build"):
            made.mkdir()
        (self.here / "scripts").symlink_to(REPOSITORY / "scripts")
        (self.here / "build" / "release").symlink_to(BUILD)
        self.environment = {name: value for name, value in os.environ.items() if name != "XDG_CACHE_HOME"}
        self.environment |= {"HOME": str(home), "OMP_WAIT_POLICY": "passive"}
        self.environment_file = folder / "environment"

    def type(self, command, folder=None):
        """What it printed; a fault if it failed."""
        begin, computed = time.monotonic(), os.times()
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f'{command}\nenv -0 >"{self.environment_file}"'],
            cwd=folder or self.here, env=self.environment, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        cores = os.times().children_user + os.times().children_system - computed[2] - computed[3]
        print(f"{time.monotonic() - begin:6.1f} s, {cores:6.1f} s of a core: {command}", flush=True)
        if result.returncode != 0:
            self.faults.append(f"exit code {result.returncode} of: {command}\n{result.stdout[-1500:]}")
            return result.stdout
        pairs = self.environment_file.read_text().split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs if pair)
        self.check_output(command, begin=time.time() - (time.monotonic() - begin))
        return result.stdout

    def check_output(self, command, begin):
        """What -o names was written by this command."""
        named = re.search(r"steelsight .* -o (\S+)", command)
        if not named:
            return
        paths = [self.here / name for name in (named[1], named[1] + ".npy")]
        if not any(path.exists() and path.stat().st_mtime >= begin - 1 for path in paths):
            self.faults.append(f"nothing was written to {named[1]} by: {command}")

    def follow(self, command):
        """Runs it, once and unless it is listed."""
        if command in LISTED or command in self.ran:
            return
        self.ran[command] = ""
        if command in NEED_WINOGRAD and not re.search(r"oneDNN 2\..*AVX-512", self.ran["steelsight bench"]):
            print(f"left out, because oneDNN has no Winograd here: {command}")
            return
        if command in PREPARATIONS:
            self.type(PREPARATIONS[command])
        self.ran[command] = self.type(command)

    def expect(self, right, otherwise):
        if not right:
            self.faults.append(otherwise)


def follow_document(reader, name):
    """Every block has to be known here. JSON is the file that the sentence before names, CSV its beginning."""
    text = (REPOSITORY / name).read_text()
    of = {}  # the last block of each language
    for block in markdown.blocks(text):
        of[block.language] = block.text
        if block.language == "sh":
            for command in block.commands():
                reader.follow(command)
        elif block.language == "json" and block.file:
            (reader.here / block.file).write_text(block.text)
        elif block.language == "csv" and block.file:
            table = reader.here / block.file
            reader.expect(table.exists() and table.read_text().startswith(block.text),
                          f"{table} does not begin as {name}:{block.line} says")
        elif block.language == "cpp":
            follow_library_example(reader, of["cmake"], block.text)
        elif block.language != "cmake":
            reader.faults.append(f"{name}:{block.line}: no test knows what to do with this block")
    for command in markdown.inline_commands(text):
        reader.follow(command)


def check_settings(reader):
    """docs/configuration.md has the settings of a training with their defaults, of these sections all."""
    def flat(value, path):
        if not isinstance(value, dict):
            return {path: value}
        return {key: leaf for name in value for key, leaf in flat(value[name], f"{path}/{name}").items()}

    page = (REPOSITORY / "docs" / "configuration.md").read_text()
    said = {key: json.loads(value) for key, value in re.findall(r"^\| `(/train/\S+)` \| `(.+?)` \|", page, re.MULTILINE)}
    used = flat(json.loads((reader.here / "slim.config.json").read_text()), "")
    wrong = {key for key, value in said.items() if used.get(key) != value}
    missing = {key for key in used.keys() - said.keys()
               if key.split("/")[2] in ("optimizer", "schedule", "loss", "augmentation")}
    reader.expect(not wrong | missing, f"docs/configuration.md: wrong are {wrong}, missing are {missing}")


def follow_library_example(reader, cmake_text, source):
    """A project with the repository in the folder `steelsight`, configured, compiled and linked as the page
    says. The library is not compiled a second time: its archives are those of the build that is tested. The project has
    a warning of its own: the library's -Werror is not for it, nor are its tests."""
    project = reader.here / "project"
    project.mkdir()
    (project / "steelsight").symlink_to(REPOSITORY)
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(reader LANGUAGES C CXX)\n" + cmake_text)
    (project / "name_images.cpp").write_text(source + "static int unused;\n")
    reader.type("cmake -G 'Unix Makefiles' -DSTEELSIGHT_WERROR=ON -S . -B build", folder=project)
    reader.expect(not (project / "build" / "steelsight" / "tests").exists(), "the library's tests are the reader's too")
    for folder in ("core", "datasets", "preprocessing", "models", "evaluation", "pipeline"):
        for library in [*(BUILD / folder).rglob("*.a"), *(BUILD / folder).rglob("*.so")]:
            place = project / "build" / "steelsight" / library.relative_to(BUILD)
            place.symlink_to(library)
    reader.type("cmake --build build --target name_images/fast", folder=project)
    printed = reader.type("project/build/name_images")
    images = len(list((reader.here / "images").iterdir()))
    named = re.findall(r"^images/\w+\.bmp: \w+, [0-9.]+ %$", printed, re.MULTILINE)
    reader.expect(len(named) == images, f"name_images named {len(named)} of {images} images:\n{printed[:500]}")


def follow_help(reader):
    """Each command's page has an example. Gives the examples."""
    commands = options.commands(BUILD / "pipeline" / "steelsight")
    reader.expect(len(commands) >= 13, f"steelsight --help names {commands}")
    for name in commands:
        page = reader.type(f"steelsight {name} --help")
        examples = re.findall(r"^  (steelsight .*)", page, re.MULTILINE)
        reader.expect(any(example.startswith(f"steelsight {name}") for example in examples),
                      f"steelsight {name} --help has no example")
        for example in examples:
            reader.follow(example)


def check_that_all_are_known(reader):
    """Of all documents: each command was run or is listed, and each that is listed stands somewhere."""
    found = {command for name in ["README.md", *PAGES, *OTHER_DOCUMENTS]
             for command in markdown.commands((REPOSITORY / name).read_text())}
    for command in sorted(found - set(reader.ran) - LISTED):
        reader.faults.append(f"neither run nor listed in not_run.py: {command}")
    for command in sorted(LISTED - found):
        reader.faults.append(f"listed in not_run.py, but in no document: {command}")
    for command in sorted(set(PREPARATIONS) - set(reader.ran)):
        reader.faults.append(f"prepared for, but not run: {command}")


def main():
    with tempfile.TemporaryDirectory(prefix="steelsight-readme-") as folder:
        reader = Reader(pathlib.Path(folder))
        for name in ["README.md", *PAGES]:
            follow_document(reader, name)
        reader.type("timeout -s INT 5 steelsight search images -o drawn_at_random --grid random.json || [ $? = 124 ]")
        check_settings(reader)
        follow_help(reader)
        check_that_all_are_known(reader)
    for fault in reader.faults:
        print(f"\nFAULT: {fault}")
    print(f"\n{len(reader.ran)} commands were run, {len(LISTED)} are listed, {len(reader.faults)} faults")
    sys.exit(bool(reader.faults))


if __name__ == "__main__":
    main()
