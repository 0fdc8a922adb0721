#!/usr/bin/env bash
# litmus, the WebDAV protocol test suite: every test passes and none warns, over TLS.
# usage: tests/clients/litmus.sh sqlite|postgres
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ -z "${PILEUS_URL:-}" ]; then
  command -v litmus >/dev/null || { echo '!!!!!!!! SKIPPED: litmus is not installed' >&2; [ "${CI:-}" != true ] || exit 1; exit 77; }
  exec /usr/bin/python3 "$here/../harness.py" --store "${1:-sqlite}" -- "$here/litmus.sh"
fi

cd "$PILEUS_FOLDER"
status=0
TESTS="basic copymove props locks http" litmus --keep-going "$PILEUS_URL/dav/files/$PILEUS_USER/" \
  "$PILEUS_USER" "$PILEUS_PASSWORD" 2>&1 | tee litmus.log || status=$?

suites=$(grep -c '^<- summary for' litmus.log || true)
if [ "$suites" != 5 ]; then
  echo "litmus.sh: $suites of 5 suites ran" >&2
  status=1
fi
if grep -E 'FAIL|WARNING|SKIPPED' litmus.log; then
  echo "litmus.sh: there are failures or warnings; the exchange:" >&2
  tail -200 debug.log >&2
  status=1
fi
exit "$status"
