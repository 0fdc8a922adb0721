"""What more than one part of `./dev bench` asks of a server, and how answers are read."""

import re

XML = ("Content-Type: application/xml; charset=utf-8",)
LISTING = '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>'


def sync_body(token):
    return ('<D:sync-collection xmlns:D="DAV:">' f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
            "<D:prop><D:getetag/></D:prop></D:sync-collection>")


def token_in(text):
    """The first sync-token of an answer; None without one."""
    found = re.search(rb"<(?:\w+:)?sync-token[^>]*>([^<]+)<", text)
    return found.group(1).decode() if found else None


def report(subject, path, body, depth="1"):
    return subject.request("REPORT", path, body, {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"})


def answers(text):
    return len(re.findall(rb"<(?:\w+:)?response[ >]", text))


def hrefs(subject, path, ending):
    """Of the members of a collection whose names end so."""
    _, text = subject.request("PROPFIND", path, LISTING, {"Depth": "1", "Content-Type": "application/xml"})
    return [href.decode() for href in re.findall(rb"<(?:\w+:)?href[^>]*>([^<]+\." + ending.encode() + rb")<", text)]


def thousand(paths):
    """As many of them as that, from all parts."""
    return paths[::max(1, len(paths) // 1000)][:1000]


def measured(bench, row, subject, path, body, objects):
    """One at a time: each may return much. What can't be done is left out."""
    if not bench.wanted(row):
        return
    status, text = report(subject, path, body)
    if status not in (200, 207):
        print(f"  {row}: {subject.name} answers {status}", flush=True)
        return
    result = bench.load.run(subject, "REPORT", path, 1, seconds=bench.seconds, body=body, headers=(*XML, "Depth: 1"))
    bench.note(row, subject, **result, objects=objects if objects is not None else answers(text))
