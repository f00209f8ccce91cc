"""PostgreSQL for the tests: a cluster in a temporary folder, that ends with the command it is for.

    python tests/postgresql.py COMMAND ...

runs the command with GEOMONITOR_TEST_DATABASE_URL set. Without PostgreSQL it says so and runs nothing;
with GEOMONITOR_REQUIRE_POSTGRESQL=1 that is an error.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["database_server", "programs"]

# PostgreSQL refuses to run as root
_ACCOUNTS = ("postgres", "nobody")


def programs() -> Path | None:
    """Find the folder with initdb and postgres; Debian's is not on the path."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found.sort(key=lambda each: int(each.parent.parent.name) if each.parent.parent.name.isdecimal() else 0)
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _account() -> dict[str, int]:
    """Choose who runs it: another than root, where this is root."""
    if os.geteuid() != 0:
        return {}
    for name in _ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise SystemExit(f"PostgreSQL does not run as root, and there is no account {' or '.join(_ACCOUNTS)}.")


@contextmanager
def database_server(folder: Path) -> Iterator[str]:
    """Run PostgreSQL on a socket in a folder, and give the address of an empty database."""
    bin_folder = programs()
    if bin_folder is None:
        raise FileNotFoundError("initdb")
    data, account = folder / "data", _account()
    if account:
        os.chown(folder, account["user"], account["group"])
    subprocess.run(
        [
            bin_folder / "initdb",
            "-D",
            data,
            "-U",
            "geomonitor",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        extra_groups=[] if account else None,
        **account,
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                bin_folder / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=",
                # tests need no database that survives a power cut
                "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
                "-c", "max_connections=100",
            ],
            stdout=log,
            stderr=log,
            cwd=folder,
            extra_groups=[] if account else None,
            **account,
        )  # fmt: skip
    try:
        ready = [bin_folder / "pg_isready", "-h", folder, "-U", "geomonitor", "-q", "-t", "1"]
        for _ in range(200):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            if server.poll() is not None:
                raise SystemExit(f"PostgreSQL does not start:\n{(folder / 'log').read_text()}")
            signal.sigtimedwait([], 0.05)
        yield f"postgresql://geomonitor@/postgres?host={folder}"
    finally:
        # at once: nobody needs what is in it
        server.send_signal(signal.SIGQUIT)
        server.wait()


def main() -> int:
    """Run the command."""
    if programs() is None:
        text = "There is no PostgreSQL here; on Debian: apt-get install postgresql."
        if os.environ.get("GEOMONITOR_REQUIRE_POSTGRESQL") == "1":
            print(text, file=sys.stderr)
            return 1
        print(f"{text} The tests of the application ran on SQLite only.")
        return 0
    # short, as the name of a socket has at most 107 signs
    with tempfile.TemporaryDirectory(prefix="gm-pg-") as name:
        Path(name).chmod(0o755)
        with database_server(Path(name)) as address:
            environment = {**os.environ, "GEOMONITOR_TEST_DATABASE_URL": address}
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
