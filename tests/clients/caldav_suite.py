#!/usr/bin/python3
"""python-caldav's own functional tests, with its server checker, against the server: from PyPI, in the versions of
caldav_suite/requirements.txt. They adapt to what a server is declared to be unable to do; of Pileus nothing is declared but that
there is no scheduling between people yet. The checker compares the declaration with what it finds, feature by feature.

usage: tests/clients/caldav_suite.py sqlite|postgres
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import ROOT, Server, expect, scratch, skip  # noqa: E402

REQUIREMENTS = pathlib.Path(__file__).resolve().parent / "caldav_suite/requirements.txt"
NOT_YET = {"scheduling": {"support": "unsupported"}, "scheduling.mailbox": {"support": "full"},
           "scheduling.calendar-user-address-set": {"support": "full"}}


def install():
    """A Python environment and the unpacked source, both kept in build/ as long as the versions stay; its python, its folder."""
    folder = ROOT / "build/caldav-suite"
    python, stamp = folder / "venv/bin/python", folder / "requirements.txt"
    version = re.search(r"^caldav==(.*)$", REQUIREMENTS.read_text(), re.M).group(1)
    source = folder / f"caldav-{version}"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return python, source
    pip = [python, "-m", "pip", "--disable-pip-version-check", "-q"]
    for command in (["/usr/bin/python3", "-m", "venv", "--clear", folder / "venv"], [*pip, "install", "-r", REQUIREMENTS],
                    [*pip, "download", "--no-deps", "--no-build-isolation", "--no-binary", "caldav", "-d", folder,
                     f"caldav=={version}"]):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            skip(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}")
    with tarfile.open(f"{source}.tar.gz") as archive:
        archive.extractall(folder)
    stamp.write_text(REQUIREMENTS.read_text())
    return python, source


def main():
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    python, source = install()
    with scratch("caldav-suite", memory=True) as folder, Server(folder, store, durable=False) as server:
        configuration = {"test-servers": {"pileus": {
            "type": "external", "enabled": True, "url": f"{server.url}/", "username": server.user, "password": server.password,
            "ssl_verify_cert": str(server.ca), "features": NOT_YET}}}
        (folder / "tests").mkdir()
        (folder / "tests/caldav_test_servers.json").write_text(json.dumps(configuration))
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": str(folder), "TZ": "Europe/Berlin",
                       "PYTHON_CALDAV_TEST_EMBEDDED": "0", "PYTHON_CALDAV_TEST_DOCKER": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([python, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-W", "ignore", "-c", "/dev/null",
                               "-o", "asyncio_default_fixture_loop_scope=function", f"--rootdir={source}",
                               source / "tests/test_caldav.py", "-k", "TestForServerpileus"], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=500)
        print(done.stdout[-1500:])
        passed = re.search(r"(\d+) passed", done.stdout)
        expect(done.returncode == 0 and passed and int(passed.group(1)) >= 65,
               f"status {done.returncode}\n{done.stdout[-8000:]}{done.stderr[-2000:]}")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print("python-caldav's own tests pass")


if __name__ == "__main__":
    main()
