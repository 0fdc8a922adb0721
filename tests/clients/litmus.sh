#!/usr/bin/env bash
# litmus, the WebDAV protocol test suite: every test passes and none warns, over TLS and plain.
# usage: tests/clients/litmus.sh sqlite|postgres
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ -z "${PILEUS_URL:-}" ]; then
  command -v litmus >/dev/null || { echo '!!!!!!!! SKIPPED: litmus is not installed' >&2; [ "${CI:-}" != true ] || exit 1; exit 77; }
  exec /usr/bin/python3 "$here/../harness.py" --store "${1:-sqlite}" -- "$here/litmus.sh"
fi

cd "$PILEUS_FOLDER"
status=0
for url in "$PILEUS_URL" "$PILEUS_HTTP_URL"; do
  echo "== $url"
  TESTS="basic copymove props locks http" litmus --keep-going "$url/dav/files/$PILEUS_USER/" \
    "$PILEUS_USER" "$PILEUS_PASSWORD" > litmus.log 2>&1 || status=$?
  grep -a '^<- summary' litmus.log || true
  suites=$(grep -ac '^<- summary for' litmus.log || true)
  [ "$suites" = 5 ] || { echo "litmus.sh: $suites of 5 suites ran"; status=1; }
  # It doesn't test Expect: 100-continue over TLS.
  if grep -aE 'FAIL|WARNING|SKIPPED' litmus.log | grep -av 'skipping for SSL server'; then status=1; fi
  if [ "$status" != 0 ]; then
    echo "litmus.sh: failed; all it said, and the end of its exchange:"
    cat litmus.log
    tail -100 debug.log
    break
  fi
done
exit "$status"
