#!/usr/bin/python3
"""What Pileus signs, dkimpy (Debian's python3-dkim) verifies, and doesn't once it was changed on its way.

    tests/hooks/dkim_verify.py HOOKS_TESTS
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import dkim
    import nacl  # noqa: F401, for Ed25519
except ImportError:
    print("skipped: python3-dkim and python3-nacl are not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


def verifies(message, number, folder):
    """The signature of that number, by the records in the folder; a fault in its form is a no."""
    def record(name, timeout=5):
        path = folder / name.decode().rstrip(".")
        return path.read_bytes() if path.exists() else None
    try:
        return dkim.DKIM(message).verify(idx=number, dnsfunc=record)
    except dkim.DKIMException:
        return False


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], "[.signed]"], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, PILEUS_SIGNED=name))
        files = sorted(folder.glob("*.eml"))
        assert len(files) == 24, files
        for path in files:
            message = path.read_bytes()
            for number in (0, 1):
                assert verifies(message, number, folder), f"{path.name}, signature {number}: not verified"
                for what, changed in (
                        ("body", message + b"more\r\n"),
                        ("subject", message.replace(b"two  spaces", b"three spaces")),
                        ("second From", message.replace(b"Received: ", b"From: eve@example.org\r\nReceived: ", 1)),
                        ("added Cc", message.replace(b"Received: ", b"Cc: eve@example.org\r\nReceived: ", 1))):
                    assert changed != message
                    assert not verifies(changed, number, folder), f"{path.name}, {number}: {what} goes unnoticed"
    print(f"{len(files)} messages, two signatures each: verified, and not when changed")


main()
