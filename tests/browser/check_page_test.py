#!/usr/bin/env python3
"""Opens check.html as a user does, in a headless Chromium.

    check_page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

Exits with 77 (skipped) if there is no Chromium or Selenium.
"""
import csv
import shutil
import subprocess
import unittest

import page_checks
from page_checks import CLASSES, FOLDER, HOSTILE, PROGRAM, run


class CheckPage(page_checks.PageChecks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        run("synth", "-o", FOLDER / "images", "--per-class", 12)
        images = sorted((FOLDER / "images").iterdir())
        cls.copies = [FOLDER / "images" / name for name in HOSTILE]
        for copy in cls.copies:
            shutil.copy(images[0], copy)
        (FOLDER / "images" / "broken <b>.bmp").write_text("BM")
        # A class in even light, but for one image.
        for i, image in enumerate(images[-12:]):
            pixels = bytearray(image.read_bytes())
            start = int.from_bytes(pixels[10:14], "little")
            pixels[start:] = bytes(value // 20 if i == 4 else 100 + value // 8 for value in pixels[start:])
            image.write_bytes(pixels)
        cls.dark = images[-8].name
        rows = [(image, image.name[:2], ("train", "test")[i % 2]) for i, image in enumerate(images)]
        rows += [(copy, CLASSES[2] if i else "Cr", "test") for i, copy in enumerate(cls.copies)]
        rows.append((FOLDER / "images" / "broken <b>.bmp", "Cr", "train"))
        with open(FOLDER / "list.csv", "w", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([("path", "label", "split"), *rows])
        with open(FOLDER / "predictions.csv", "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(["path", "label", "prediction", "confidence", "p_Cr", "p_In", "error"])
            for image, label, _ in rows[:24]:
                writer.writerow([image, label, "In", 0.75, 0.25, 0.75, ""])
        subprocess.run([PROGRAM, "--quiet", "check", FOLDER / "list.csv", "-o", FOLDER,
                        "--predictions", FOLDER / "predictions.csv"])
        cls.page = FOLDER / "check.html"
        super().setUpClass()

    def test_copies_are_side_by_side(self):
        self.assertEqual(len(self.find_all("#identical .group")), 1)
        self.assertEqual(self.find_all("#identical .card img", "naturalWidth"), [192] * (len(HOSTILE) + 1))

    def test_leaks_and_conflicts_say_part_and_label(self):
        self.assertTrue(any("train" in card for card in self.find_all("#leaks .card")))
        self.assertTrue(any("Cr" in card for card in self.find_all("#conflicts .card")))

    def test_the_dark_image_is_unusual(self):
        self.assertIn("dark", self.find_all("#unusual h3"))
        self.assertTrue(any(self.dark in card for card in self.find_all("#unusual .card")))

    def test_doubted_labels_are_listed(self):
        cards = self.find_all("#doubted .card")
        self.assertEqual(len(cards), 12)
        self.assertIn("Cr → In", cards[0])

    def test_an_image_is_shown_in_full(self):
        self.find("#doubted .card").click()
        self.find("#zoom[open] form button").click()
        self.find("#zoom:not([open])")

    def test_hostile_names_are_text(self):
        text = self.find_all("body")[0]
        for name in [*HOSTILE, CLASSES[2], "broken <b>.bmp"]:
            self.assertIn(name, text)


if __name__ == "__main__":
    page_checks.main()
