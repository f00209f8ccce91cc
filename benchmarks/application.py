"""How fast the pages of the application answer, with twenty readers at once.

    python benchmarks/application.py [--seconds 20] [--readers 20] [--workers 2] [--home FOLDER]

starts `geomonitor serve` on a home folder of its own with the embedded sample, logs in, and has each
reader ask for one page after another without a pause (a closed loop: twenty requests are always under
way). Prints the 50th, 95th and 99th percentile by page, requests a second, and how that stands to a page
that does nothing, on the same server at the same load. The readers are a process of their own, on the
same cores.
"""

from __future__ import annotations

import argparse
import html
import html.parser
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

LIMIT_MS = 300.0
PASSWORD = "a-long-password-of-readers"
_READER = """
import django
django.setup()
from geomonitor.register.models import Role, User
User.objects.filter(username="bench").exists() or User.objects.create_user(
    "bench", password={password!r}, role=Role.READER, language="en")
"""


class _Token(html.parser.HTMLParser):
    """The CSRF token of the log-in form."""

    token = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag == "input" and found.get("name") == "csrfmiddlewaretoken":
            self.token = found["value"] or ""


class Reader:
    """A browser that keeps its connection and its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes, str]:
        """Ask for a page: status, content, where it leads."""
        headers = {"Accept-Encoding": "identity", "Connection": "keep-alive"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for each in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content, answer.headers.get("Location", "")

    def log_in(self) -> None:
        """Log in as the reader of the benchmark."""
        form = _Token()
        form.feed(self.ask("GET", "/log-in/")[1].decode())
        given = {"username": "bench", "password": PASSWORD, "csrfmiddlewaretoken": form.token}
        status, _, _ = self.ask("POST", "/log-in/", given)
        if status != 302:
            sys.exit(f"The log-in answers {status}.")


def start(home: Path, workers: int) -> tuple[subprocess.Popen[str], int]:
    """Start the application: its process and its port."""
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment["GEOMONITOR_HOME"] = str(home)
    command = [
        Path(sys.executable).with_name("geomonitor"),
        "serve",
        "--port",
        "0",
        "--workers",
        str(workers),
    ]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        print(f"  {line}", end="", file=sys.stderr)
        found = re.search(r"at http://127\.0\.0\.1:(\d+)/", line)
        if found:
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process, int(found[1])
    sys.exit("The application did not start.")


def measure(
    port: int, cookies: dict[str, str], paths: list[str], readers: int, seconds: float
) -> dict[str, object]:
    """Ask for pages from many readers at once: milliseconds by path, errors, and the time that it took."""
    spent: dict[str, list[float]] = {path: [] for path in paths}
    errors: list[str] = []
    begin = threading.Barrier(readers + 1)
    until = [0.0]

    def read(number: int) -> None:
        reader = Reader(port)
        reader.cookies = dict(cookies)
        position = number
        begin.wait()
        while time.perf_counter() < until[0]:
            path = paths[position % len(paths)]
            position += 1
            before = time.perf_counter()
            status, _, _ = reader.ask("GET", path)
            spent[path].append((time.perf_counter() - before) * 1000)
            if status != 200:
                errors.append(f"{path}: {status}")

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for each in threads:
        each.start()
    until[0] = time.perf_counter() + seconds
    started = time.perf_counter()
    begin.wait()
    for each in threads:
        each.join()
    return {"spent": spent, "errors": errors, "seconds": time.perf_counter() - started}


def percentile(values: list[float], share: float) -> float:
    """Give the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--home", type=Path, help="a home folder to use again; a new one by default")
    parser.add_argument("--only", help="JSON asked by this program of itself", default="")
    options = parser.parse_args()
    if options.only:
        given = json.loads(options.only)
        print(json.dumps(measure(**given)))
        return
    with tempfile.TemporaryDirectory(prefix="geomonitor-benchmark-") as folder:
        home = options.home or Path(folder, "home")
        process, port = start(home, options.workers)
        try:
            report(home, port, options)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def report(home: Path, port: int, options: argparse.Namespace) -> None:
    """Log in, warm up, measure each page alone and all together."""
    environment = {
        **os.environ,
        "GEOMONITOR_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "geomonitor.web.settings",
    }
    environment.pop("DATABASE_URL", None)
    code = _READER.format(password=PASSWORD)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    reader = Reader(port)
    reader.log_in()
    edition = json.loads(reader.ask("GET", "/health/")[1])["edition"]
    pages = {
        "overview": f"/editions/{edition}/",
        "dependencies": f"/editions/{edition}/dependencies/",
    }
    listed = reader.ask("GET", pages["dependencies"])[1].decode()
    product = re.search(rf'href="(/editions/{re.escape(edition)}/products/\d{{6}}/[^"]*)"', listed)
    if product is None:
        sys.exit("The page of dependencies lists no product.")
    pages["product"] = html.unescape(product[1])
    for name, path in pages.items():
        status, content, where = reader.ask("GET", path)
        if status != 200:
            sys.exit(f"The page {name} answers {status} {where}")
        print(f"{name}: {path}, {len(content) / 1000:.0f} kB", file=sys.stderr)

    def ask(paths: list[str], seconds: float) -> dict[str, dict[str, list[float]]]:
        given = {
            "port": port,
            "cookies": reader.cookies,
            "paths": paths,
            "readers": options.readers,
            "seconds": seconds,
        }
        done = subprocess.run(
            [sys.executable, __file__, "--only", json.dumps(given)],
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    ask(list(pages.values()), 3)
    nothing = ask(["/health/live/"], max(3.0, options.seconds / 4))
    together = ask(list(pages.values()), options.seconds)
    base = percentile(nothing["spent"]["/health/live/"], 0.95)
    print(
        f"{options.readers} readers, {options.workers} workers, {os.cpu_count()} cores, "
        f"{options.seconds:.0f} s"
    )
    print(
        f"{'page':<22}{'requests':>9}{'a second':>10}"
        f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'to nothing':>12}"
    )
    rows = [("nothing (live)", nothing["spent"]["/health/live/"], nothing["seconds"])]
    rows += [(name, together["spent"][path], together["seconds"]) for name, path in pages.items()]
    everything = [each for path in pages.values() for each in together["spent"][path]]
    rows.append(("all pages", everything, together["seconds"]))
    for name, values, seconds in rows:
        at = [percentile(values, share) for share in (0.5, 0.95, 0.99)]
        print(
            f"{name:<22}{len(values):>9}{len(values) / seconds:>10.1f}{at[0]:>9.1f}{at[1]:>9.1f}{at[2]:>9.1f}"
            f"{at[1] / base:>11.1f}x"
        )
    errors = [*nothing["errors"], *together["errors"]]
    print(f"errors: {len(errors)}{' ' + str(errors[:3]) if errors else ''}")
    slowest = max(percentile(together["spent"][path], 0.95) for path in pages.values())
    print(f"slowest page at the 95th percentile: {slowest:.0f} ms; the bar is {LIMIT_MS:.0f} ms")
    if errors or slowest >= LIMIT_MS:
        sys.exit("The bar is not reached.")


if __name__ == "__main__":
    main()
