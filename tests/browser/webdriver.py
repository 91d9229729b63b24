"""Drives a headless Chromium over WebDriver, with the standard library alone.

    with Browser() as browser:
        browser.open("report.html")
        browser.script("return document.title")
"""
import base64
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def is_installed():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        try:
            self.address = f"http://127.0.0.1:{self._port()}"
            options = {"binary": shutil.which("chromium"),
                       "args": FLAGS + [f"--user-data-dir={self.profile.name}"]}
            answer = self._post("/session", {"capabilities": {"alwaysMatch": {
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}})
            self.address += "/session/" + answer["sessionId"]
            self._post("/url", {"url": "about:blank"})
            self.console(), self.requests()  # of the page that a new window shows
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        try:
            urllib.request.urlopen(urllib.request.Request(self.address, method="DELETE"), timeout=30)
        finally:
            self._stop()

    def _stop(self):
        self.driver.terminate()
        self.driver.wait()
        self.driver.stdout.close()
        self.profile.cleanup()

    def _port(self):
        for line in self.driver.stdout:
            if found := re.search(r"successfully on port (\d+)", line):
                return found[1]
        raise RuntimeError("chromedriver did not start")

    def _post(self, path, body):
        request = urllib.request.Request(self.address + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path} {body}: {json.load(error)['value']['message']}") from None

    def open(self, file, fragment=""):
        """A file of this machine; returns when it is loaded."""
        self._post("/url", {"url": pathlib.Path(file).resolve().as_uri() + fragment})

    def script(self, text, *arguments):
        return self._post("/execute/sync", {"script": text, "args": list(arguments)})

    def wait_for(self, condition):
        """Until the JavaScript expression is true, for some seconds at most."""
        for _ in range(200):
            if self.script("return Boolean(" + condition + ")"):
                return
            time.sleep(0.05)
        raise RuntimeError("waited in vain for: " + condition)

    def devtools(self, command, **parameters):
        return self._post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def audit(self, axe):
        """The violations that axe-core, given as its script, finds in the page."""
        self.devtools("Runtime.evaluate", expression=axe)
        answer = self.devtools("Runtime.evaluate", expression="axe.run().then((r) => r.violations)",
                               awaitPromise=True, returnByValue=True)
        return answer["result"]["value"]

    def click(self, selector):
        """The first element that matches, brought into view; fails if something covers it."""
        element = self._post("/element", {"using": "css selector", "value": selector})
        self.script("arguments[0].scrollIntoView({block: 'center'})", element)
        self._post(f"/element/{next(iter(element.values()))}/click", {})

    def type(self, selector, text):
        element = self._post("/element", {"using": "css selector", "value": selector})
        self._post(f"/element/{next(iter(element.values()))}/value", {"text": text})

    def console(self):
        """Messages since the last call, those of the console and of exceptions."""
        return [entry["message"] for entry in self._post("/se/log", {"type": "browser"})]

    def requests(self):
        """Addresses that were asked for since the last call."""
        addresses = []
        for entry in self._post("/se/log", {"type": "performance"}):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                addresses.append(message["params"]["request"]["url"])
        return addresses

    def look(self, width=1280, height=900, scheme="light", phone=False):
        """The window, and whether the user prefers light or dark."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=2 if phone else 1, mobile=phone)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, file, whole_page=True):
        picture = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole_page,
                                **({"clip": self._page()} if whole_page else {}))
        pathlib.Path(file).write_bytes(base64.b64decode(picture["data"]))

    def _page(self):
        size = self.devtools("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}

    def print_pdf(self, file):
        printed = self.devtools("Page.printToPDF", printBackground=True, preferCSSPageSize=True,
                                paperWidth=8.27, paperHeight=11.69)
        pathlib.Path(file).write_bytes(base64.b64decode(printed["data"]))
