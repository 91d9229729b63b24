"""What stands in a Markdown file: its fenced blocks, the code within its sentences, headings and links."""
import dataclasses
import re

# What a reader would type: a program of the repository, CMake or CTest, with or without arguments.
COMMAND = re.compile(r"(steelsight|cmake|ctest) |scripts/[a-z0-9_]+\.sh\b|\.ci/run\b")


@dataclasses.dataclass
class Block:
    language: str  # "" where the fence names none
    text: str
    line: int  # of its fence, from 1
    file: str  # that the sentence before names at last in code; "" where there is none

    def commands(self):
        """Of a block of shell: each with its continued lines, without comments, in order."""
        whole = re.sub(r"\\\n\s*", "", self.text)
        lines = (re.sub(r"(^|\s+)#.*", "", line).strip() for line in whole.splitlines())
        return [one_line(line) for line in lines if line]


def one_line(text):
    return " ".join(text.split())


FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text):
    found = []
    for match in FENCE.finditer(text):
        named = re.search(r"`([^`\n]+)`[^`]*:\s*$", text[:match.start()])
        found.append(Block(match[1], match[2], text.count("\n", 0, match.start()) + 1, named[1] if named else ""))
    return found


def spans(text):
    """`code` within sentences and tables, each in one line."""
    return [one_line(match[1]) for match in re.finditer(r"`([^`]+)`", FENCE.sub("", text))]


def inline_commands(text):
    return [span for span in spans(text) if COMMAND.match(span)]


def commands(text):
    """Those of blocks, then those within sentences."""
    of_blocks = [command for block in blocks(text) if block.language == "sh" for command in block.commands()]
    return of_blocks + inline_commands(text)


def headings(text):
    """[(level, text)]"""
    return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.*)$", FENCE.sub("", text), re.MULTILINE)]


def anchors(text):
    """What a link may name behind `#`, as GitHub makes it of headings."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for _, title in headings(text)}


def links(text):
    """Of links and pictures to files of the repository: (path, anchor), each "" if it is left out."""
    targets = re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text))
    return [tuple(target.partition("#")[::2]) for target in targets if "://" not in target]
