#!/usr/bin/python3
"""tsdav, the library of web applications, from npm as tests/clients/tsdav/package-lock.json has it, runs tsdav/test.mjs over
TLS, verified by the CA.

usage: tests/clients/tsdav.py sqlite|postgres
"""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, expect, need_programs, scratch, skip  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "tsdav"


def main():
    need_programs("node", "npm")
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with scratch("tsdav", memory=True) as folder, Server(folder, store, durable=False) as server:
        work = folder / "tsdav"
        work.mkdir()
        for name in ("package.json", "package-lock.json", "test.mjs"):
            shutil.copy(HERE / name, work)
        installed = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], cwd=work,
                                   capture_output=True, text=True, timeout=120)
        if installed.returncode != 0:
            skip(f"npm ci: {installed.stderr[-2000:]}")
        environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(server.ca), "PILEUS_URL": server.url, "PILEUS_USER": server.user,
                       "PILEUS_PASSWORD": server.password}
        done = subprocess.run(["node", "test.mjs"], cwd=work, env=environment, capture_output=True, text=True, timeout=120)
        expect(done.returncode == 0, f"test.mjs: status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-6000:]}")
        print(done.stdout, end="")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()


if __name__ == "__main__":
    main()
