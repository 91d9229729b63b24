"""What every page of the program must stand, opened in a headless Chromium as a user does.

    page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

A test of a page derives from PageChecks, makes `page`, and ends with main(). With axe-core's script
(npm pack axe-core) in the environment variable AXE_CORE, each page is also audited by it.
"""
import csv
import os
import pathlib
import subprocess
import sys
import unittest

import webdriver

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
HOSTILE = ["\"><img src=x onerror=window.attacked=1>.bmp", "<script>window.attacked=1<'script>.bmp",
           "裂纹 图像.bmp", "=cmd|' C calc'!A0.bmp", "x" * 200 + ".bmp", "{{title}}&amp;.bmp"]
CLASSES = ["Cr", "In", "</script><script>window.attacked=1</script>"]

CONTRAST = """
const channels = (text) => text.match(/[\\d.]+/g).map(Number);
const over = (top, below) => {
  const alpha = top[3] ?? 1;
  return [0, 1, 2].map((i) => alpha * top[i] + (1 - alpha) * below[i]);
};
const background = (element) => {
  if (!element) return [255, 255, 255];
  const own = channels(getComputedStyle(element).backgroundColor);
  return (own[3] ?? 1) === 1 ? own : over(own, background(element.parentElement));
};
const luminance = (color) => {
  const [r, g, b] = color.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const poor = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest('script, :disabled')) continue;
  const behind = background(element);
  const lights = [over(channels(getComputedStyle(element).color), behind), behind].map(luminance).sort((a, b) => b - a);
  const ratio = (lights[0] + .05) / (lights[1] + .05);
  if (ratio < 4.5) poor.push(`${element.tagName} "${texts.currentNode.data.trim()}": ${ratio.toFixed(2)}`);
}
return poor;
"""


def run(*arguments):
    subprocess.run([PROGRAM, "--quiet", *map(str, arguments)], check=True)


def write_predictions(file, rows):
    """Rows of path, label, prediction, confidence; a confidence of None: unreadable."""
    with open(file, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["path", "label", "prediction", "confidence", *("p_" + c for c in CLASSES), "error"])
        for path, label, prediction, confidence in rows:
            if confidence is None:
                writer.writerow([path, label, "", "", *("" for _ in CLASSES), "file is empty"])
                continue
            rest = (1 - confidence) / (len(CLASSES) - 1)
            writer.writerow([path, label, prediction, confidence,
                             *(confidence if c == prediction else rest for c in CLASSES), ""])


class PageChecks:
    @classmethod
    def setUpClass(cls):
        """After `page` is made."""
        cls.browser = webdriver.Browser().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__(None, None, None)

    def setUp(self):
        self.browser.look()
        self.browser.open("/dev/null")
        self.browser.open(self.page)

    def tearDown(self):
        self.assertEqual(self.browser.console(), [])
        foreign = [a for a in self.browser.requests() if not a.startswith(("file:///", "data:"))]
        self.assertEqual(foreign, [])
        self.assertIsNone(self.browser.script("return window.attacked ?? null"))

    def test_fits_a_phone(self):
        self.browser.look(390, 844, phone=True)
        self.browser.screenshot(FOLDER / f"{self.page.stem}-phone.png")
        self.assertLessEqual(self.browser.script("return document.documentElement.scrollWidth"), 390)

    def test_is_readable_light_and_dark(self):
        for scheme in ("light", "dark"):
            self.browser.look(scheme=scheme)
            self.browser.screenshot(FOLDER / f"{self.page.stem}-{scheme}.png")
            self.assertEqual(self.browser.script(CONTRAST), [])

    def test_prints(self):
        self.browser.print_pdf(FOLDER / f"{self.page.stem}.pdf")
        self.assertGreater((FOLDER / f"{self.page.stem}.pdf").stat().st_size, 10_000)

    def test_can_be_used_without_eyes(self):
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        operable = [n for n in nodes if not n["ignored"]
                    and n["role"]["value"] in ("button", "link", "combobox", "searchbox", "image")]
        self.assertGreater(len(operable), 5)
        self.assertEqual([n for n in operable if not n.get("name", {}).get("value")], [])
        levels = self.browser.script("return [...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)

    def test_axe_finds_nothing_serious(self):
        script = os.environ.get("AXE_CORE")
        if not script:
            self.skipTest("AXE_CORE does not name axe.min.js")
        found = self.browser.audit(pathlib.Path(script).read_text())
        serious = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found
                   if v["impact"] in ("serious", "critical")]
        self.assertEqual(serious, [])


def main():
    if not webdriver.is_installed():
        print("skipped: there is no chromium and chromedriver (scripts/setup.sh installs them)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
