"""What a process and its children use, and the load generator."""

import json
import os
import pathlib
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def processes():
    """{process: (parent, seconds of CPU, its reaped children's included)}."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            fields = text[text.rindex(")") + 2:].split()
            found[int(entry)] = (int(fields[1]), sum(int(fields[index]) for index in (11, 12, 13, 14)) / TICKS)
    return found


def cpu(pid):
    """CPU seconds of a process and all its descendants, living and reaped."""
    found = processes()
    family, grown = {pid}, True
    while grown:
        more = {one for one, (parent, _) in found.items() if parent in family} - family
        family |= more
        grown = bool(more)
    return sum(found[one][1] for one in family if one in found)


def memory(pid, field="VmRSS"):
    """KiB of a process: VmRSS now, VmHWM at most since reset_peak."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def reset_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


class Load:
    """The load generator against one server. Each run is measured: rate, latencies, CPU per request, peak memory."""

    def __init__(self, program):
        self.program = str(program)

    def arguments(self, subject, method, path, connections, body=None, headers=(), modulo=None, start=None, tls=False, amount=()):
        line = [self.program, subject.host, str(subject.tls_port if tls else subject.port), "--method", method, "--path", path,
                "--connections", str(connections), *amount]
        for header in [*subject.headers, *headers]:
            line += ["--header", header]
        if body is not None:
            file = subject.folder / f"body-{method}-{abs(hash(body))}"
            file.write_text(body, newline="")
            line += ["--body", str(file)]
        for name, value in (("--modulo", modulo), ("--start", start)):
            if value is not None:
                line += [name, str(value)]
        return line + (["--tls"] if tls else [])

    def run(self, subject, method, path, connections=1, seconds=None, requests=None, pace=None, statuses=(200, 201, 204, 207), **more):
        amount = ["--requests", str(requests)] if requests else ["--seconds", str(seconds)]
        amount += ["--pace", str(pace)] if pace else []
        line = self.arguments(subject, method, path, connections, amount=amount, **more)
        reset_peak(subject.pid)
        before, base_before = cpu(subject.pid), subject.base_cpu()
        done = subprocess.run(line, capture_output=True, text=True)
        after, base_after = cpu(subject.pid), subject.base_cpu()
        if done.returncode:
            raise RuntimeError(f"{subject.name}: {method} {path}: {done.stderr}{done.stdout}")
        result = json.loads(done.stdout)
        wrong = {status: count for status, count in result["statuses"].items() if int(status) not in statuses}
        if wrong or result["errors"]:
            raise RuntimeError(f"{subject.name}: {method} {path}: statuses {result['statuses']}, {result['errors']} errors {done.stderr}")
        count = result["requests"]
        result["cpu"] = (after - before) / count
        result["base_cpu"] = (base_after - base_before) / count
        result["peak_kib"] = memory(subject.pid, "VmHWM")
        return result

    def start(self, subject, method, path, **more):
        """The same in the background; returns the process."""
        return subprocess.Popen(self.arguments(subject, method, path, **more), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
