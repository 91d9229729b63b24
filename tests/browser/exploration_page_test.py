#!/usr/bin/env python3
"""Opens explore.html as a user does, in a headless Chromium.

    exploration_page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

Exits with 77 (skipped) if there is no Chromium or Selenium.
"""
import csv
import shutil
import unittest

import page_checks
from page_checks import FOLDER, HOSTILE, run
from selenium.webdriver import ActionChains, Keys


class ExplorationPage(page_checks.PageChecks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(FOLDER, ignore_errors=True)
        run("synth", "-o", FOLDER / "images", "--per-class", 12)
        images = sorted((FOLDER / "images").iterdir())
        with open(FOLDER / "list.csv", "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(["path", "label"])
            for image in images:
                writer.writerow([image, image.name[:2]])
            cls.copied = images[3].name
            for name in HOSTILE:
                shutil.copy(images[3], FOLDER / "images" / name)
                writer.writerow([FOLDER / "images" / name, "</script><script>window.attacked=1</script>"])
            (FOLDER / "images" / "broken.bmp").write_text("BM")
            writer.writerow([FOLDER / "images" / "broken.bmp", "Cr"])
        run("explore", FOLDER / "list.csv", "-o", FOLDER, "--features", "pixels", "--set", "/explore/iterations=300",
            "--perplexity", 8)
        cls.page = FOLDER / "explore.html"
        with open(FOLDER / "points.csv", newline="") as lines:
            cls.points = list(csv.DictReader(lines))
        super().setUpClass()

    def drawn(self):
        return self.browser.execute_script("return document.querySelector('#scatter canvas').toDataURL()")

    def test_pointing_at_a_point_shows_its_image(self):
        # Where the script draws the first point of all, from the middle of the map.
        x = [float(p["tsne_x"]) for p in self.points]
        y = [float(p["tsne_y"]) for p in self.points]
        canvas = self.find("#scatter canvas")
        scale = (canvas.rect["width"] - 26) / max(max(x) - min(x), max(y) - min(y))
        ActionChains(self.browser).move_to_element_with_offset(
            canvas, scale * (x[0] - (min(x) + max(x)) / 2), scale * ((min(y) + max(y)) / 2 - y[0])).perform()
        self.assertEqual(self.find("#point .path").text, self.points[0]["path"])
        self.assertGreater(self.find("#point img").get_property("naturalWidth"), 0)
        self.screenshot("explore-point.png")

    def test_arrow_keys_go_from_point_to_point(self):
        self.find("#scatter canvas").send_keys(Keys.ARROW_RIGHT)
        first = self.find("#point .path").text
        self.find("#scatter canvas").send_keys(Keys.ARROW_RIGHT)
        self.assertNotEqual(self.find("#point .path").text, first)
        self.find("#scatter canvas").send_keys(Keys.ARROW_LEFT)
        self.assertEqual(self.find("#point .path").text, first)

    def test_the_legend_hides_a_class(self):
        before = self.drawn()
        self.find("#legend button").click()
        self.assertNotEqual(self.drawn(), before)
        self.find("#legend button").click()
        self.assertEqual(self.drawn(), before)

    def test_maps_and_colours_can_be_chosen(self):
        before = self.drawn()
        self.find("#view [name=map]").send_keys(Keys.ARROW_DOWN)
        self.assertNotEqual(self.drawn(), before)
        self.find("#view [name=kind]").send_keys("cluster")
        self.assertIn("cluster 0", self.find("#legend").text)

    def test_an_image_whose_copies_have_another_label_is_listed_for_review(self):
        self.assertIn("6/10" + self.copied, self.find_all("#review .card")[0])

    def test_a_sample_is_shown_in_full(self):
        self.find("#samples .card").click()
        self.find("#zoom[open] form button").click()
        self.find("#zoom:not([open])")

    def test_hostile_names_are_text(self):
        text = self.find_all("body")[0]
        self.assertIn("</script><script>window.attacked=1</script>", text)
        self.assertIn("broken.bmp", text)
        for name in HOSTILE:
            self.assertIn(name, text)
        with open(FOLDER / "points.csv", newline="") as lines:
            self.assertFalse([cell for row in csv.reader(lines) for cell in row if cell.startswith("=")])


if __name__ == "__main__":
    page_checks.main()
