#!/usr/bin/env python3
"""Opens explore.html as a user does, in a headless Chromium.

    exploration_page_test.py PROGRAM FOLDER    screenshots are left in FOLDER

Exits with 77 (skipped) if there is no Chromium.
"""
import csv
import shutil
import unittest

import page_checks
from page_checks import FOLDER, HOSTILE, run


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

    def shown_point(self):
        return self.browser.script("return document.querySelector('#point .path')?.textContent ?? null")

    def test_pointing_at_a_point_shows_its_image(self):
        self.browser.script("document.getElementById('map').scrollIntoView()")
        # Where the script draws the first point of all.
        x = [float(p["tsne_x"]) for p in self.points]
        y = [float(p["tsne_y"]) for p in self.points]
        place = self.browser.script("const box = document.querySelector('#scatter canvas').getBoundingClientRect();"
                                    "return [box.left, box.top, box.width]")
        scale = (place[2] - 26) / max(max(x) - min(x), max(y) - min(y))
        self.browser.devtools("Input.dispatchMouseEvent", type="mouseMoved",
                              x=place[0] + 1 + (place[2] - 2) / 2 + scale * (x[0] - (min(x) + max(x)) / 2),
                              y=place[1] + 1 + (place[2] - 2) / 2 - scale * (y[0] - (min(y) + max(y)) / 2))
        self.browser.wait_for("document.querySelector('#point .path')")
        self.assertEqual(self.shown_point(), self.points[0]["path"])
        self.assertGreater(self.browser.script("return document.querySelector('#point img').naturalWidth"), 0)
        self.browser.screenshot(FOLDER / "explore-point.png", whole_page=False)

    def test_arrow_keys_go_from_point_to_point(self):
        self.browser.type("#scatter canvas", "\ue014")  # right arrow
        first = self.shown_point()
        self.browser.type("#scatter canvas", "\ue014")
        self.assertNotIn(self.shown_point(), (None, first))
        self.browser.type("#scatter canvas", "\ue012")  # left arrow
        self.assertEqual(self.shown_point(), first)

    def test_the_legend_hides_a_class(self):
        drawn = "return document.querySelector('#scatter canvas').toDataURL()"
        before = self.browser.script(drawn)
        self.browser.click("#legend button")
        self.assertNotEqual(self.browser.script(drawn), before)
        self.browser.click("#legend button")
        self.assertEqual(self.browser.script(drawn), before)

    def test_maps_and_colours_can_be_chosen(self):
        for name, value in (("map", 1), ("kind", "cluster")):
            self.browser.script("const select = document.querySelector(`#view [name=${arguments[0]}]`); select.value = arguments[1];"
                                "select.dispatchEvent(new Event('input', {bubbles: true}))", name, value)
        self.assertIn("cluster 0", self.browser.script("return document.getElementById('legend').textContent"))

    def test_an_image_whose_copies_have_another_label_is_listed_for_review(self):
        texts = self.browser.script("return [...document.querySelectorAll('#review .card')].map((card) => card.textContent)")
        self.assertIn("6/10" + self.copied, texts[0])

    def test_a_sample_is_shown_in_full(self):
        self.browser.click("#samples .card")
        self.assertTrue(self.browser.script("return document.getElementById('zoom').open"))
        self.browser.click("#zoom form button")

    def test_hostile_names_are_text(self):
        text = self.browser.script("return document.body.textContent")
        self.assertIn("</script><script>window.attacked=1</script>", text)
        self.assertIn("broken.bmp", text)
        for name in HOSTILE:
            self.assertIn(name, text)
        with open(FOLDER / "points.csv", newline="") as lines:
            self.assertFalse([cell for row in csv.reader(lines) for cell in row if cell.startswith("=")])


if __name__ == "__main__":
    page_checks.main()
