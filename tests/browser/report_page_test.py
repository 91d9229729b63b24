#!/usr/bin/env python3
"""Opens report.html as a user does, in a headless Chromium.

    report_page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

Exits with 77 (skipped) if there is no Chromium.
"""
import csv
import itertools
import pathlib
import shutil
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


def example_rows(images):
    """Labels and predictions in turn, so that each cell of the matrix has images."""
    pairs = itertools.cycle([(CLASSES[0], CLASSES[0]), (CLASSES[0], CLASSES[1]), (CLASSES[1], CLASSES[1]),
                             (CLASSES[2], CLASSES[2]), (CLASSES[2], CLASSES[0]), ("", CLASSES[1])])
    return [(image, label, prediction, round(.5 + (37 * i % 97) / 200, 4))
            for i, (image, (label, prediction)) in enumerate(zip(images, pairs))]


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        run("synth", "-o", FOLDER / "images", "--per-class", 10)
        images = sorted((FOLDER / "images").iterdir())
        for name in HOSTILE:
            shutil.copy(images[0], FOLDER / "images" / name)
        cls.rows = example_rows(images + [FOLDER / "images" / name for name in HOSTILE])
        cls.rows.append(("broken <b>.bmp", CLASSES[0], "", None))
        write_predictions(FOLDER / "predictions.csv", cls.rows)
        (FOLDER / "log.csv").write_text(
            "epoch,learning_rate,train_loss,train_accuracy,validation_loss,validation_accuracy,seconds\n"
            + "".join(f"{e},0.001,{1 / e},{1 - .5 / e},{1.2 / e},{1 - .6 / e},1\n" for e in range(1, 13)))
        run("report", FOLDER / "predictions.csv", "-o", FOLDER / "report", "--log", FOLDER / "log.csv")
        cls.page = FOLDER / "report" / "report.html"
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

    def cells(self, column):
        return self.browser.script(
            "return [...document.querySelectorAll('#all tbody tr')].map((row) => row.cells[arguments[0]].textContent)",
            column)

    def show_cell(self, cell):
        self.browser.click(f'.matrix a[href="#cell-{cell}"]')
        self.browser.wait_for(f"""document.querySelector('.matrix a[href="#cell-{cell}"]').ariaCurrent""")

    def test_a_cell_shows_its_images(self):
        self.show_cell("0-1")
        expected = sorted(((c, pathlib.Path(p).name) for p, t, k, c in self.rows if (t, k) == (CLASSES[0], CLASSES[1])),
                          key=lambda row: -row[0])
        shown = self.browser.script("return [...document.querySelectorAll('#cell .card')].map((card) => "
                                    "[card.querySelector('.path').textContent, card.querySelector('img').naturalWidth > 0])")
        self.assertEqual(shown, [[name, True] for _, name in expected])
        self.assertIn(f"{len(expected)} images", self.browser.script("return document.querySelector('#cell h3').textContent"))
        self.browser.screenshot(FOLDER / "cell.png", whole_page=False)

    def test_the_address_of_a_cell_opens_it(self):
        self.browser.open("/dev/null")
        self.browser.open(self.page, "#cell-2-0")
        self.browser.wait_for("!document.getElementById('cell').hidden")

    def test_the_list_has_all_rows_and_sorts(self):
        self.assertEqual(self.browser.script("return document.getElementById('count').textContent"),
                         f"{len(self.rows)} images")
        self.assertEqual(self.cells(1), [str(row[0]) for row in self.rows[:50]])
        self.browser.click('#all th[data-column="confidence"] button')
        self.assertEqual(self.cells(1)[0], "broken <b>.bmp")
        self.browser.click('#all th[data-column="confidence"] button')
        highest = sorted((row[3] for row in self.rows if row[3] is not None), reverse=True)[:50]
        self.assertEqual(self.cells(4), [f"{100 * c + 1e-9:.1f}\u00a0%" for c in highest])
        self.browser.click("#next")
        self.assertEqual(len(self.cells(1)), len(self.rows) - 50)

    def test_the_list_filters(self):
        self.browser.type('#filters [name="path"]', "裂纹")
        self.assertEqual([pathlib.Path(path).name for path in self.cells(1)], [HOSTILE[2]])
        self.browser.click("#filters button[type=reset]")
        self.browser.wait_for("document.querySelectorAll('#all tbody tr').length === 50")
        self.browser.script("const select = document.querySelector('[name=outcome]'); select.value = 1;"
                            "select.dispatchEvent(new Event('input', {bubbles: true}))")
        wrong = [row for row in self.rows if row[1] and row[3] is not None and row[1] != row[2]]
        self.assertEqual(len(self.cells(1)), len(wrong))
        self.assertEqual(set(self.cells(5)), {"wrong"})

    def test_an_image_is_shown_in_full(self):
        self.browser.click("#errors .card")
        shown = self.browser.script("const d = document.getElementById('zoom');"
                                    "return [d.open, d.querySelector('h2').textContent, d.querySelector('img').naturalWidth]")
        worst = max((row for row in self.rows if row[1] and row[3] is not None and row[1] != row[2]), key=lambda row: row[3])
        self.assertEqual(shown, [True, str(worst[0]), 192])
        self.browser.screenshot(FOLDER / "image.png", whole_page=False)
        self.browser.click("#zoom form button")
        self.assertFalse(self.browser.script("return document.getElementById('zoom').open"))

    def test_hostile_names_are_text(self):
        self.browser.click('#all th[data-column="confidence"] button')
        self.browser.click("#next")
        for cell in ("0-0", "0-1", "1-1", "2-2", "2-0"):
            self.show_cell(cell)
        text = self.browser.script("return document.body.textContent")
        for name in HOSTILE + CLASSES:
            self.assertIn(name, text)

    def test_fits_a_phone(self):
        self.browser.look(390, 844, phone=True)
        self.browser.screenshot(FOLDER / "phone.png")
        self.assertLessEqual(self.browser.script("return document.documentElement.scrollWidth"), 390)

    def test_is_readable_light_and_dark(self):
        for scheme in ("light", "dark"):
            self.browser.look(scheme=scheme)
            self.browser.screenshot(FOLDER / f"{scheme}.png")
            self.assertEqual(self.browser.script(CONTRAST), [])

    def test_prints(self):
        self.browser.print_pdf(FOLDER / "print.pdf")
        self.assertGreater((FOLDER / "print.pdf").stat().st_size, 10_000)

    def test_can_be_used_without_eyes(self):
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        operable = [n for n in nodes if not n["ignored"]
                    and n["role"]["value"] in ("button", "link", "combobox", "searchbox", "image")]
        self.assertGreater(len(operable), 50)
        self.assertEqual([n for n in operable if not n.get("name", {}).get("value")], [])
        levels = self.browser.script("return [...document.querySelectorAll('h1,h2,h3')].map((h) => Number(h.tagName[1]))")
        self.assertEqual(levels[0], 1)
        self.assertTrue(all(b <= a + 1 for a, b in zip(levels, levels[1:])), levels)

    def test_twenty_thousand_rows(self):
        folder = FOLDER / "many"
        rows = example_rows([f"coil {i // 100}/image_{i}.bmp" for i in range(20_000)])
        folder.mkdir()
        write_predictions(folder / "predictions.csv", rows)
        run("report", folder / "predictions.csv", "-o", folder)
        self.browser.open(folder / "report.html")
        self.assertIn("shows no thumbnails", self.browser.script("return document.body.textContent"))
        self.browser.click('#all th[data-column="path"] button')
        self.browser.click('#all th[data-column="path"] button')
        self.assertEqual(self.cells(1)[0], rows[-1][0])
        self.browser.type('#filters [name="path"]', "coil 7/")
        self.assertEqual(self.cells(1)[0], "coil 7/image_799.bmp")
        loaded = self.browser.script("return performance.getEntriesByType('navigation')[0].loadEventEnd")
        print(f"20000 rows: {(folder / 'report.html').stat().st_size / 1e6:.1f} MB, loaded in {loaded / 1000:.2f} s")


if __name__ == "__main__":
    if not webdriver.is_installed():
        print("skipped: there is no chromium and chromedriver (scripts/setup.sh installs them)")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
