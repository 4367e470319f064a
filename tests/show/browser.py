"""A headless Chromium for the tests, over the DevTools protocol with nothing but the standard library."""

import base64
import json
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1300,900",
    "--remote-debugging-port=0",
]  # fmt: skip


def executable():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One page. `errors` collects everything the console reported as an error."""

    def __init__(self, folder):
        self.errors, self.count = [], 0
        self.process = subprocess.Popen(
            [executable(), *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port = self._port(folder)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as reply:
                page = next(p for p in json.load(reply) if p["type"] == "page")
            self.socket = connect("127.0.0.1", port, page["webSocketDebuggerUrl"].split(str(port), 1)[1])
        except BaseException:
            self.close()
            raise
        for domain in ("Runtime", "Log", "Page"):
            self.call(f"{domain}.enable")

    def _port(self, folder):
        path, end = Path(folder, "DevToolsActivePort"), time.time() + 30
        while time.time() < end:
            if path.exists() and "\n" in (text := path.read_text()):
                return int(text.split()[0])
            time.sleep(0.05)
        raise TimeoutError("the browser did not start")

    def open(self, path, fragment="", dark=False, scripts=True):
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=f"file://{path}{fragment}")
        self._until("location.protocol == 'file:' && document.readyState == 'complete'")

    def reload(self):
        """The page anew, as it is at the size and the address it has now."""
        self.run("window.before = true")
        self.call("Page.reload")
        self._until("!window.before && document.readyState == 'complete'")

    def _until(self, condition):
        end = time.time() + 20
        while time.time() < end and not self.run(condition):
            time.sleep(0.05)

    def run(self, expression):
        """The value of a JavaScript expression in the page."""
        reply = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in reply:
            raise AssertionError(reply["exceptionDetails"]["exception"]["description"])
        return reply["result"].get("value")

    def press(self, key):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def mouse(self, kind, x, y, **more):
        """A pointer's event at a place of the page: mousePressed, mouseMoved, mouseReleased, mouseWheel."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def enter(self, selector, text):
        """Type into a field, as a person would see it: input, then change."""
        self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.value = {json.dumps(str(text))};"
            "for (const kind of ['input', 'change']) e.dispatchEvent(new Event(kind, {bubbles: true})); })()"
        )

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)})?.textContent.trim()")

    def screenshot(self, path):
        Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def call(self, method, **parameters):
        self.count += 1
        send(self.socket, json.dumps({"id": self.count, "method": method, "params": parameters}).encode())
        while True:
            message = json.loads(receive(self.socket))
            if message.get("id") == self.count:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']['message']}")
                return message["result"]
            self._note(message)

    def _note(self, message):
        kind, details = message.get("method"), message.get("params", {})
        if kind == "Runtime.exceptionThrown":
            self.errors.append(details["exceptionDetails"].get("exception", {}).get("description", str(details)))
        elif kind == "Log.entryAdded" and details["entry"]["level"] == "error":
            self.errors.append(details["entry"]["text"])
        elif kind == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning"):
            self.errors.append(str(details["args"]))

    def close(self):
        if hasattr(self, "socket"):
            self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=20)


# -- a WebSocket, as much of it as is needed -------------------------------------------------------------------


def connect(host, port, path):
    link = socket.create_connection((host, port), timeout=60)
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    link.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += link.recv(1)
    assert b" 101 " in answer, answer
    return link


def send(link, data):
    size = len(data)
    head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
    mask = secrets.token_bytes(4)
    link.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))


def receive(link):
    """One whole message; it may come in several frames."""
    message = b""
    while True:
        first, size = _exactly(link, 2)
        size &= 0x7F
        if size > 125:
            size = int.from_bytes(_exactly(link, 2 if size == 126 else 8), "big")
        data = _exactly(link, size)
        if first & 0x0F in (0, 1, 2):
            message += data
            if first & 0x80:
                return message


def _exactly(link, size):
    data = bytearray()
    while len(data) < size:
        part = link.recv(size - len(data))
        if not part:
            raise ConnectionError("the browser closed the connection")
        data += part
    return bytes(data)
