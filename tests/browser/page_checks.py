"""What every page of the program must stand, opened in a headless Chromium as a user does.

    page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

A test of a page derives from PageChecks, makes `page`, and ends with main(). With axe-core's
script (npm pack axe-core) in the environment variable AXE_CORE, each page is also audited by it.
"""
import base64
import csv
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
if not (CHROMIUM and DRIVER and importlib.util.find_spec("selenium")):
    print("skipped: chromium, chromedriver or selenium is missing (scripts/setup.sh installs them)")
    sys.exit(77)
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

os.environ["no_proxy"] = "localhost"  # chromedriver is asked directly
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
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        options.add_argument("--headless")
        options.add_argument("--no-sandbox")  # root has none
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.browser = webdriver.Chrome(service=Service(DRIVER), options=options)  # downloads no driver
        cls.addClassCleanup(cls.browser.quit)
        cls.browser.implicitly_wait(30)  # a busy machine

    def setUp(self):
        self.look()
        self.open(self.page)

    def tearDown(self):
        self.assertEqual(self.browser.get_log("browser"), [])
        events = [json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance")]
        asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        self.assertEqual([address for address in asked if not address.startswith(("file:///", "data:"))], [])
        self.assertIsNone(self.browser.execute_script("return window.attacked"))

    def open(self, file, fragment=""):
        self.browser.get("about:blank")  # else a new fragment alone loads nothing
        self.browser.get(file.resolve().as_uri() + fragment)

    def find(self, selector):
        """Waits for the first element that matches, and brings it into the middle of the window."""
        element = self.browser.find_element("css selector", selector)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        return element

    def find_all(self, selector, value="textContent"):
        """A property of each element that matches."""
        return self.browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e[arguments[1]])", selector, value)

    def look(self, width=1280, height=900, scheme="light", phone=False):
        """The window, and whether the user prefers light or dark."""
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 2 if phone else 1, "mobile": phone})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def screenshot(self, name, whole_page=False):
        picture = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": whole_page})
        (FOLDER / name).write_bytes(base64.b64decode(picture["data"]))

    def test_fits_a_phone(self):
        self.look(390, 844, phone=True)
        self.screenshot(f"{self.page.stem}-phone.png", whole_page=True)
        self.assertLessEqual(self.browser.execute_script("return document.documentElement.scrollWidth"), 390)

    def test_is_readable_light_and_dark(self):
        for scheme in ("light", "dark"):
            self.look(scheme=scheme)
            self.screenshot(f"{self.page.stem}-{scheme}.png", whole_page=True)
            self.assertEqual(self.browser.execute_script(CONTRAST), [])

    def test_prints(self):
        printed = base64.b64decode(self.browser.execute_cdp_cmd("Page.printToPDF", {
            "printBackground": True, "preferCSSPageSize": True, "paperWidth": 8.27, "paperHeight": 11.69})["data"])
        (FOLDER / f"{self.page.stem}.pdf").write_bytes(printed)
        self.assertGreater(len(printed), 10_000)

    def test_can_be_used_without_eyes(self):
        nodes = self.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        operable = [n for n in nodes if not n["ignored"]
                    and n["role"]["value"] in ("button", "link", "combobox", "searchbox", "image")]
        self.assertGreater(len(operable), 5)
        self.assertEqual([n for n in operable if not n.get("name", {}).get("value")], [])
        levels = [int(tag[1]) for tag in self.find_all("h1, h2, h3", "tagName")]
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)

    def test_axe_finds_nothing_serious(self):
        script = os.environ.get("AXE_CORE")
        if not script:
            self.skipTest("AXE_CORE does not name axe.min.js")
        self.browser.execute_script(pathlib.Path(script).read_text())
        found = self.browser.execute_script("return axe.run().then((result) => result.violations)")
        serious = [f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}" for v in found
                   if v["impact"] in ("serious", "critical")]
        self.assertEqual(serious, [])


def main():
    unittest.main(argv=sys.argv[:1], verbosity=2)
