"""The code of a Markdown file: its fenced blocks and what is set as code within its sentences."""
import dataclasses
import re

# What a reader would type: a program of the repository, CMake or CTest, with or without arguments.
COMMAND = re.compile(r"(steelsight|cmake|ctest) |scripts/[a-z0-9_]+\.sh\b|\.ci/run\b")


@dataclasses.dataclass
class Block:
    language: str  # "" where the fence names none
    text: str
    line: int  # of its fence, from 1

    def commands(self):
        """Of a block of shell: each with its continued lines, without comments, in order."""
        whole = re.sub(r"\\\n\s*", "", self.text)
        lines = (re.sub(r"(^|\s+)#.*", "", line).strip() for line in whole.splitlines())
        return [one_line(line) for line in lines if line]


def one_line(text):
    return " ".join(text.split())


FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text):
    return [Block(match[1], match[2], text.count("\n", 0, match.start()) + 1) for match in FENCE.finditer(text)]


def spans(text):
    """`code` within sentences and tables, each in one line."""
    return [one_line(match[1]) for match in re.finditer(r"`([^`]+)`", FENCE.sub("", text))]


def inline_commands(text):
    return [span for span in spans(text) if COMMAND.match(span)]
