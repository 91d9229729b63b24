#!/usr/bin/env python3
"""Opens comparison.html as a user does, in a headless Chromium.

    comparison_page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

Exits with 77 (skipped) if there is no Chromium or Selenium.
"""
import shutil
import unittest

import page_checks
from page_checks import CLASSES, FOLDER, HOSTILE, run, write_predictions


class ComparisonPage(page_checks.PageChecks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        run("synth", "-o", FOLDER / "images", "--per-class", 10)
        images = sorted((FOLDER / "images").iterdir())
        for name in HOSTILE:
            shutil.copy(images[0], FOLDER / "images" / name)
        paths = [FOLDER / "images" / name for name in HOSTILE] + images
        old, new = [], []
        for i, path in enumerate(paths):
            truth, wrong = CLASSES[i % 3], CLASSES[(i + 1) % 3]
            old.append((path, truth, wrong if i % 2 == 0 else truth, 0.9 - i / 200))
            new.append((path, truth, wrong if i % 5 == 0 else truth, 0.95 - i / 200))
        cls.fixed = [path.name for (path, truth, a, _), (_, _, b, _) in zip(old, new) if a != truth and b == truth]
        cls.broken = [path.name for (path, truth, a, _), (_, _, b, _) in zip(old, new) if a == truth and b != truth]
        new.append(("only <b>here</b>.bmp", CLASSES[0], CLASSES[0], 0.9))
        write_predictions(FOLDER / "old.csv", old)
        write_predictions(FOLDER / "new.csv", new)
        run("report", FOLDER / "old.csv", FOLDER / "new.csv", "-o", FOLDER)
        cls.page = FOLDER / "comparison.html"
        super().setUpClass()

    def test_shows_the_images_that_changed(self):
        for section, names in (("#fixed", self.fixed), ("#broken", self.broken)):
            self.assertEqual(self.find_all(f"{section} .card .path"), names)
            self.assertEqual(self.find_all(f"{section} .card img", "naturalWidth"), [192] * len(names))

    def test_an_image_is_shown_in_full(self):
        self.find("#fixed .card").click()
        self.assertEqual(self.find_all("#zoom[open] h2"), [str(FOLDER / "images" / self.fixed[0])])
        self.assertEqual(self.find_all("#zoom[open] img", "naturalWidth"), [192])
        self.screenshot("comparison-image.png")
        self.find("#zoom form button").click()
        self.find("#zoom:not([open])")

    def test_hostile_names_are_text(self):
        text = self.find_all("body")[0]
        for name in [*self.fixed, *self.broken, *CLASSES, "only <b>here</b>.bmp"]:
            self.assertIn(name, text)
        self.assertGreater(len(set(self.fixed + self.broken) & set(HOSTILE)), 2)


if __name__ == "__main__":
    page_checks.main()
