#!/usr/bin/env python3
"""Opens report.html as a user does, in a headless Chromium.

    report_page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

Exits with 77 (skipped) if there is no Chromium or Selenium.
"""
import itertools
import pathlib
import shutil
import unittest

import page_checks
from page_checks import CLASSES, FOLDER, HOSTILE, run, write_predictions


def example_rows(images):
    """Labels and predictions in turn, so that each cell of the matrix has images."""
    pairs = itertools.cycle([(CLASSES[0], CLASSES[0]), (CLASSES[0], CLASSES[1]), (CLASSES[1], CLASSES[1]),
                             (CLASSES[2], CLASSES[2]), (CLASSES[2], CLASSES[0]), ("", CLASSES[1])])
    return [(image, label, prediction, round(.5 + (37 * i % 97) / 200, 4))
            for i, (image, (label, prediction)) in enumerate(zip(images, pairs))]


class ReportPage(page_checks.PageChecks, unittest.TestCase):
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
        super().setUpClass()

    def cells(self, column):
        return self.find_all(f"#all tbody tr > :nth-child({column + 1})")

    def show_cell(self, cell):
        self.find(f'.matrix a[href="#cell-{cell}"]').click()
        self.find(f'.matrix a[href="#cell-{cell}"][aria-current]')

    def test_a_cell_shows_its_images(self):
        self.show_cell("0-1")
        expected = sorted(((c, pathlib.Path(p).name) for p, t, k, c in self.rows if (t, k) == (CLASSES[0], CLASSES[1])),
                          key=lambda row: -row[0])
        self.assertEqual(self.find_all("#cell .card .path"), [name for _, name in expected])
        self.assertEqual(self.find_all("#cell .card img", "naturalWidth"), [192] * len(expected))
        self.assertIn(f"{len(expected)} images", self.find("#cell h3").text)
        self.screenshot("cell.png")

    def test_the_address_of_a_cell_opens_it(self):
        self.open(self.page, "#cell-2-0")
        self.find("#cell:not([hidden])")

    def test_the_list_has_all_rows_and_sorts(self):
        self.assertEqual(self.find("#count").text, f"{len(self.rows)} images")
        self.assertEqual(self.cells(1), [str(row[0]) for row in self.rows[:50]])
        self.find('#all th[data-column="confidence"] button').click()
        self.assertEqual(self.cells(1)[0], "broken <b>.bmp")
        self.find('#all th[data-column="confidence"] button').click()
        highest = sorted((row[3] for row in self.rows if row[3] is not None), reverse=True)[:50]
        self.assertEqual(self.cells(4), [f"{100 * c + 1e-9:.1f}\u00a0%" for c in highest])
        self.find("#next").click()
        self.assertEqual(len(self.cells(1)), len(self.rows) - 50)

    def test_the_list_filters(self):
        self.find('#filters [name="path"]').send_keys("裂纹")
        self.assertEqual([pathlib.Path(path).name for path in self.cells(1)], [HOSTILE[2]])
        self.find("#filters button[type=reset]").click()
        self.find("#all tbody tr:nth-child(50)")
        self.find("#filters [name=outcome]").send_keys("wrong")
        wrong = [row for row in self.rows if row[1] and row[3] is not None and row[1] != row[2]]
        self.assertEqual(len(self.cells(1)), len(wrong))
        self.assertEqual(set(self.cells(5)), {"wrong"})

    def test_an_image_is_shown_in_full(self):
        self.find("#errors .card").click()
        worst = max((row for row in self.rows if row[1] and row[3] is not None and row[1] != row[2]), key=lambda row: row[3])
        self.assertEqual(self.find_all("#zoom[open] h2"), [str(worst[0])])
        self.assertEqual(self.find_all("#zoom[open] img", "naturalWidth"), [192])
        self.screenshot("image.png")
        self.find("#zoom form button").click()
        self.find("#zoom:not([open])")

    def test_hostile_names_are_text(self):
        self.find('#all th[data-column="confidence"] button').click()
        self.find("#next").click()
        for cell in ("0-0", "0-1", "1-1", "2-2", "2-0"):
            self.show_cell(cell)
        text = self.find_all("body")[0]
        for name in HOSTILE + CLASSES:
            self.assertIn(name, text)

    def test_twenty_thousand_rows(self):
        folder = FOLDER / "many"
        rows = example_rows([f"coil {i // 100}/image_{i}.bmp" for i in range(20_000)])
        folder.mkdir()
        write_predictions(folder / "predictions.csv", rows)
        run("report", folder / "predictions.csv", "-o", folder)
        self.open(folder / "report.html")
        self.assertIn("shows no thumbnails", self.find_all("body")[0])
        self.find('#all th[data-column="path"] button').click()
        self.find('#all th[data-column="path"] button').click()
        self.assertEqual(self.cells(1)[0], rows[-1][0])
        self.find('#filters [name="path"]').send_keys("coil 7/")
        self.assertEqual(self.cells(1)[0], "coil 7/image_799.bmp")
        loaded = self.browser.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd")
        print(f"20000 rows: {(folder / 'report.html').stat().st_size / 1e6:.1f} MB, loaded in {loaded / 1000:.2f} s")


if __name__ == "__main__":
    page_checks.main()
