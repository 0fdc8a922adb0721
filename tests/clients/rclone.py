#!/usr/bin/python3
"""rclone copies a tree of 2 000 files up and down over TLS, and finds both ends equal by their bytes: empty files, names
with spaces, quotes, %, #, ?, Unicode in both normal forms, long names, deep folders, and one file of 300 MB.

usage: tests/clients/rclone.py sqlite|postgres
"""

import hashlib
import os
import pathlib
import random
import subprocess
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from harness import Server, expect, need_programs, scratch  # noqa: E402

FILES = 2000
LARGE = 300 * 1024 * 1024
NAMES = ["two words", "  inner  spaces", "it's", 'say "hi"', "100%", "%41", "%2F", "a#b", "what?", "a&b=c;d", "a+b", "[x]{y}",
         "tilde~", "back\\slash", "comma,semi;colon:", "<tag>", "star*", "pipe|", "UPPER", "upper", "-dash", "dot.", "...",
         unicodedata.normalize("NFC", "Größe é Å"), unicodedata.normalize("NFD", "Größe é Å"), "日本語", "Привет", "\U0001f600", "ﬁ",
         "n" * 200, "é" * 60]


def make_tree(folder, randoms):
    made = 0
    folders = [folder]
    for name in NAMES[:12]:
        parent = randoms.choice(folders)
        (parent / f"folder {name}").mkdir()
        folders.append(parent / f"folder {name}")
    deep = folder
    for level in range(20):
        deep = deep / f"level {level}"
        deep.mkdir()
    folders.append(deep)
    (folder / "large.bin").write_bytes(randoms.randbytes(1024 * 1024) * (LARGE // (1024 * 1024)))
    made += 1
    for name in NAMES:
        (folder / name).write_bytes(name.encode())
        (folder / f"{name[:100]} empty").write_bytes(b"")
        made += 2
    while made < FILES:
        size = randoms.choice([0, 1, 100, 1000, 5000, 70000, 300000]) if made % 20 == 0 else randoms.randrange(2000)
        (randoms.choice(folders) / f"file {made} {NAMES[made % len(NAMES)][:60]}").write_bytes(randoms.randbytes(size))
        made += 1


def digest(folder):
    """{relative path: hash} of the files below a folder, names as bytes."""
    found = {}
    for where, _, names in os.walk(os.fsencode(str(folder))):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, os.fsencode(str(folder)))] = hashlib.file_digest(file, "sha256").digest()
    return found


def main():
    need_programs("rclone")
    store = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    randoms = random.Random(4918)
    with scratch("rclone") as folder, Server(folder, store, durable=False) as server:
        (folder / "tree").mkdir()
        make_tree(folder / "tree", randoms)
        obscured = subprocess.run(["rclone", "obscure", "-"], input=server.password, capture_output=True, text=True,
                                  check=True).stdout.strip()
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "RCLONE_CONFIG_THERE_TYPE": "webdav",
                       "RCLONE_CONFIG_THERE_URL": f"{server.url}/dav/files/{server.user}/", "RCLONE_CONFIG_THERE_VENDOR": "other",
                       "RCLONE_CONFIG_THERE_USER": server.user, "RCLONE_CONFIG_THERE_PASS": obscured,
                       "RCLONE_CA_CERT": str(server.ca), "RCLONE_CONFIG": str(folder / "rclone.conf")}

        def rclone(*arguments):
            done = subprocess.run(["rclone", "--retries", "1", "--low-level-retries", "1", "--transfers", "8", "--checkers", "8",
                                   "--no-unicode-normalization", *arguments], capture_output=True, text=True, env=environment)
            expect(done.returncode == 0, f"rclone {' '.join(arguments)}: status {done.returncode}\n{done.stderr[-3000:]}")
            return done.stdout

        rclone("copy", f"{folder}/tree", "there:backup")
        rclone("check", "--download", f"{folder}/tree", "there:backup")
        rclone("copy", "there:backup", f"{folder}/back")
        sent, back = digest(folder / "tree"), digest(folder / "back")
        expect(len(sent) == FILES and sent == back,
               f"{len(sent)} files went up, {len(back)} came down; differing: "
               f"{sorted(path for path in sent | back if sent.get(path) != back.get(path))[:5]}")

        # A change, a removal and a rename; then the server's tree is made like ours again.
        (folder / "tree" / "two words").write_bytes(b"other bytes")
        (folder / "tree" / "it's").unlink()
        rclone("sync", "--size-only", f"{folder}/tree", "there:backup")
        rclone("moveto", "there:backup/100%", "there:backup/a folder/200% #?")
        (folder / "tree" / "a folder").mkdir()
        (folder / "tree" / "100%").rename(folder / "tree" / "a folder" / "200% #?")
        rclone("check", "--size-only", f"{folder}/tree", "there:backup")
        expect(rclone("cat", "there:backup/two words") == "other bytes", "a changed file has its old bytes")
        expect(rclone("cat", "there:backup/a folder/200% #?") == "100%", "a renamed file has other bytes")
        rclone("purge", "there:backup")
        expect(server.terminate() == 0, "the server did not stop cleanly")
        server.check()
    print(f"rclone: {FILES} files up and down, all equal")


if __name__ == "__main__":
    main()
