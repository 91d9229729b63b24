"""The work of scripts/faults.sh, which says what it does and how it is called."""
import argparse
import collections
import csv
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

# The calls that change files. Of openat those that may write are meant.
CHANGING = ["openat", "write", "pwrite64", "writev", "ftruncate", "fsync", "fdatasync", "rename", "renameat",
            "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "link", "linkat", "symlink"]
WRITES = re.compile(r"O_WRONLY|O_RDWR|O_CREAT")
SPEC = """{"input": [1, 16, 16], "layers": [
  {"type": "conv", "name": "conv1", "out": 4, "kernel": 3, "pad": 1},
  {"type": "relu", "name": "relu1"},
  {"type": "maxpool", "name": "pool1", "kernel": 4},
  {"type": "conv", "name": "conv2", "out": 4, "kernel": 3, "pad": 1},
  {"type": "relu", "name": "relu2"},
  {"type": "global_avgpool", "name": "pool2"},
  {"type": "dense", "name": "logits", "out": 6}]}"""
PHASES = ('[{"epochs": 3, "learning_rate": 0.01}, '
          '{"freeze": "pool1", "epochs": 3, "learning_rate": 0.01}]')


@dataclasses.dataclass
class Scenario:
    name: str
    words: list  # of the command
    outputs: list  # by name in the current folder
    resumes: bool = False


def scenarios():
    train = ["train", "../images", "-o", "m.safetensors", "--arch", "../tiny.json", "--batch-size", "4",
             "--validation", "0.25", "--test", "0", "--views", "1"]
    trained = ["m.safetensors", "m.log.csv", "m.split.json", "m.config.json"]
    return [
        Scenario("train, one stage", [*train, "--epochs", "3"], trained, resumes=True),
        Scenario("train, two phases", [*train, "--set", f"/train/phases={PHASES}"], trained, resumes=True),
        Scenario("extend", ["extend", "../new", "--model", "../base.safetensors", "-o", "m.safetensors",
                            "--max-forget", "100", "--epochs", "3", "--views", "1"], ["m.safetensors"]),
        Scenario("quantize", ["quantize", "../base.safetensors", "--calibrate", "../images", "-o",
                              "m.safetensors", "--max-layer-error", "1000"], ["m.safetensors"]),
        Scenario("classify", ["classify", "../images", "--model", "../base.safetensors", "-o", "m"],
                 ["m/predictions.csv", "m/config.json"]),
    ]


@dataclasses.dataclass
class Call:
    name: str
    number: int  # among the calls of this name of its thread, from 1
    text: str


class Campaign:
    def __init__(self, program, out, scenario, every):
        self.program, self.out, self.scenario, self.every = program, out, scenario, every
        self.counts = collections.Counter()
        self.faults = []
        self.folder = out / "run"

    def run(self, extra=(), strace=(), seed=1):
        return subprocess.run([*strace, self.program, *self.scenario.words, "--seed", str(seed), "--threads",
                               "1", "--kernels", "direct", "--quiet", *extra], cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                              env=os.environ | {"XDG_CACHE_HOME": str(self.folder / "cache")})

    def fresh(self, old):
        """A folder with what an earlier run left there, which nothing may destroy, or with nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for name, content in old.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def found(self):
        """Every file with its bytes, but for the cache."""
        return {str(file.relative_to(self.folder)): file.read_bytes() for file in sorted(self.folder.rglob("*"))
                if file.is_file() and "cache" not in file.relative_to(self.folder).parts}

    def whole_run(self, seed):
        self.fresh({})
        result = self.run(seed=seed)
        if result.returncode != 0:
            sys.exit(f"faults: {self.scenario.name} ends in {result.returncode}: {result.stderr}")
        return self.found()

    def changing_calls(self):
        log = self.out / "calls"
        result = self.run(strace=["strace", "-f", "-qq", "-o", str(log), "-e", "trace=" + ",".join(CHANGING)])
        assert result.returncode == 0, result.stderr
        seen, calls = collections.Counter(), []
        for line in log.read_text(errors="replace").splitlines():
            match = re.match(r"(\d+) +(\w+)\((.*)", line)
            if not match:
                continue  # the second half of a call that another thread interrupted
            thread, name, text = match.groups()
            seen[thread, name] += 1
            if name != "openat" or WRITES.search(text):
                calls.append(Call(name, seen[thread, name], text[:70]))
        return calls[:: self.every]

    def disturbed(self, call, what):  # no --seccomp-bpf: with it strace 6.1 sends no signal
        return self.run(strace=["strace", "-f", "-qq", "-o", "/dev/null", "-e",
                                f"trace={call.name}", "-e", f"inject={call.name}:{what}:when={call.number}"])

    def fault(self, call, what, message):
        self.counts["faults"] += 1
        self.faults.append(f"{self.scenario.name}, {what} at {call.name} {call.number} ({call.text}): {message}")

    def judge_outputs(self, call, what, old, new):
        """Each output is the old one or the new one, or a whole log of fewer epochs; it is missing only if
        there was none. Counts them; gives whether they all are right."""
        right, now = True, self.found()
        for name in self.scenario.outputs:
            content = now.get(name)
            state = self.state(name, content, old.get(name), new[name])
            self.counts[state] += 1
            if state in ("destroyed", "half"):
                self.fault(call, what, f"{name} is {state}")
                right = False
        return right

    def state(self, name, content, old, new):
        if content is None:
            return "none" if old is None else "destroyed"
        if content == old:
            return "old"
        if self.same(name, content, new) or (name.endswith(".log.csv") and is_part_of_log(content, new)):
            return "new"
        return "half"

    def same(self, name, content, new):
        if name.endswith(".log.csv"):
            return log_rows(content) == log_rows(new)
        if name.endswith(".config.json"):  # what was asked for may say "resume"
            return without_resume(content) == without_resume(new)
        return content == new

    def kill(self, call, old, new):
        self.fresh(old)
        result = self.disturbed(call, "signal=KILL")
        if result.returncode != -9:
            self.fault(call, "a kill", f"the call was not reached, exit code {result.returncode}")
            return
        self.counts["kills"] += 1
        self.judge_outputs(call, "a kill", old, new)
        self.go_on(call, new)

    def go_on(self, call, new):
        """What the user does then: the same command with --resume, or again."""
        again = None
        if self.scenario.resumes:
            again = self.run(extra=["--resume"])
            if again.returncode == 0:
                self.counts["resumed"] += 1
            elif again.returncode in (2, 3) and again.stderr.strip():
                self.counts["refused"] += 1
                self.reasons[again.stderr.strip()[:150]] += 1
                again = None
        if again is None:
            again = self.run()
        if again.returncode != 0:
            self.fault(call, "a kill", f"the next run ends in {again.returncode}: {again.stderr}")
            return
        now = self.found()
        if now.keys() != new.keys():
            self.fault(call, "a kill", f"the next run leaves {sorted(now.keys() ^ new.keys())}")
        different = [name for name in new if name in now and not self.same(name, now[name], new[name])]
        if different:
            self.counts["differing"] += 1
            self.fault(call, "a kill", f"the next run ends in other files: {different}")

    reasons = collections.Counter()

    def error(self, call, code, old, new):
        self.fresh(old)
        result = self.disturbed(call, f"error={code}")
        self.counts[code] += 1
        self.judge_outputs(call, code, old, new)
        leftovers = [name for name in self.found() if name not in old and name not in new
                     and "checkpoint" not in name]
        if leftovers and not call.name.startswith("unlink"):
            self.fault(call, code, f"left behind: {leftovers}")
        if result.returncode == 0:  # of a cache, or what can be done without
            self.counts["went on"] += 1
            if any(not self.same(name, self.found().get(name, b""), new[name]) for name in self.scenario.outputs):
                self.fault(call, code, "exit code 0, but the outputs are not the new ones")
        elif "/cache/" in result.stderr:  # which nobody has to have
            self.fault(call, code, f"ended by its cache: {result.stderr}")
        elif result.returncode != 3 or not re.search(r"\bm\b", result.stderr):
            self.fault(call, code, f"exit code {result.returncode}, expected 3 and the file: {result.stderr}")
        else:
            self.counts["exit 3"] += 1

    def sweep(self):
        new = self.whole_run(seed=1)
        if any(not self.same(name, content, new[name]) for name, content in self.whole_run(seed=1).items()):
            sys.exit(f"faults: two runs of {self.scenario.name} differ")
        earlier = self.whole_run(seed=2)
        if self.scenario.name in ("classify", "quantize"):  # which have no seed
            earlier = {name: b"of an earlier run\n" for name in new}
        for old in ({}, earlier):
            self.fresh(old)
            for call in self.changing_calls():
                self.kill(call, old, new)
                for code in ("EIO", "ENOSPC"):
                    self.error(call, code, old, new)


def log_rows(content):
    """Of a training log, without the time that each epoch took."""
    rows = list(csv.DictReader(content.decode().splitlines()))
    return [{name: value for name, value in row.items() if "second" not in name} for row in rows]


def is_part_of_log(content, whole):
    rows, expected = log_rows(content), log_rows(whole)
    return content.endswith(b"\n") and rows == expected[: len(rows)]


def without_resume(content):
    config = json.loads(content)
    config.get("train", {}).pop("resume", None)
    return config


def make_inputs(program, out):
    def run(*words):
        subprocess.run([program, *words, "--quiet"], cwd=out, check=True, stdin=subprocess.DEVNULL,
                       env=os.environ | {"XDG_CACHE_HOME": str(out / "cache")})

    (out / "tiny.json").write_text(SPEC)
    run("synth", "-o", "images", "--per-class", "4", "--size", "64", "--seed", "1")
    run("synth", "-o", "drawn", "--per-class", "8", "--size", "40", "--seed", "2")
    (out / "new").mkdir()
    for i in range(1, 9):
        shutil.copy(out / "drawn" / f"Sc_{i}.bmp", out / "new" / f"Xy_{i}.bmp")
    run("train", "images", "-o", "base.safetensors", "--arch", "tiny.json", "--epochs", "3", "--batch-size",
        "4", "--validation", "0.25", "--test", "0", "--threads", "1", "--kernels", "direct")


MOST_FAULTS = 40  # that are printed
COLUMNS = ["kills", "resumed", "refused", "differing", "EIO", "ENOSPC", "exit 3", "went on", "old", "new",
           "none", "half", "destroyed", "faults"]


def main():
    parser = argparse.ArgumentParser(prog="faults.sh")
    parser.add_argument("program")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    shutil.rmtree(out / "work", ignore_errors=True)
    (out / "work").mkdir(parents=True)
    out = out / "work"
    os.environ["OMP_WAIT_POLICY"] = "passive"
    make_inputs(arguments.program, out)
    faults = []
    print(f"{'':20}" + "".join(f"{column:>10}" for column in COLUMNS))
    for scenario in scenarios():
        if arguments.only in (None, scenario.name):
            campaign = Campaign(arguments.program, out, scenario, every=23 if arguments.short else 1)
            campaign.sweep()
            print(f"{scenario.name:20}" + "".join(f"{campaign.counts[c]:10}" for c in COLUMNS), flush=True)
            faults += campaign.faults
    for reason, count in Campaign.reasons.most_common():
        print(f"refused {count} times: {reason}")
    for fault in faults[:MOST_FAULTS]:
        print(f"FAULT: {fault.strip()}")
    if len(faults) > MOST_FAULTS:
        print(f"and {len(faults) - MOST_FAULTS} more")
    shutil.rmtree(out)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
