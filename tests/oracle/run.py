#!/usr/bin/env python3
"""usage: run.py UNIT_TESTS [--cases N] [--seed S]

Makes N random cases of recurrence rules, and as many of events in ranges, and lets UNIT_TESTS compare what it finds with what
python3-dateutil and zoneinfo find. The same seed and number make the same cases, on any number of cores."""
import argparse
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import recurrence
    import time_range
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

CHUNK = 250


MODULES = {"recurrence": recurrence, "time_range": time_range}


def make(job):
    name, seed, number = job
    module = MODULES[name]
    drawn = random.Random(seed)
    lines = []
    while len(lines) < number:
        line = module.case(drawn)
        # Two thirds of the ranges have something in them.
        if line and (name == "recurrence" or line.count("Z/") > 0 or drawn.random() < 0.3):
            lines.append(line)
    return "\n".join(lines) + "\n"


def write(folder, pool, name, seed, number):
    jobs = [(name, f"{name} {seed} {first}", min(CHUNK, number - first)) for first in range(0, number, CHUNK)]
    pathlib.Path(folder, name).write_text("".join(pool.imap(make, jobs)), encoding="ascii")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("unit_tests")
    arguments.add_argument("--cases", type=int, default=10_000)
    arguments.add_argument("--seed", default="5545")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, multiprocessing.get_context("fork").Pool(min(4, os.cpu_count())) as pool:
        for name in MODULES:
            write(folder, pool, name, arguments.seed, arguments.cases)
        environment = {**os.environ, "PILEUS_ORACLE": folder, "PILEUS_ORACLE_CASES": str(arguments.cases)}
        return subprocess.run([arguments.unit_tests, "[oracle]"], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
