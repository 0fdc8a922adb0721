#!/usr/bin/env bash
# cadaver, the command line client: put, get, ls, mkcol, move, copy, lock, properties, by a script; on the plain listener.
# usage: tests/clients/cadaver.sh sqlite|postgres
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ -z "${PILEUS_URL:-}" ]; then
  command -v cadaver >/dev/null || { echo '!!!!!!!! SKIPPED: cadaver is not installed' >&2; [ "${CI:-}" != true ] || exit 1; exit 77; }
  exec /usr/bin/python3 "$here/../harness.py" --store "${1:-sqlite}" -- "$here/cadaver.sh"
fi

cd "$PILEUS_FOLDER"
export HOME=$PILEUS_FOLDER
port=${PILEUS_HTTP_URL##*:}
printf 'machine 127.0.0.1\nlogin %s\npassword %s\n' "$PILEUS_USER" "$PILEUS_PASSWORD" > .netrc
chmod 600 .netrc
head -c 100000 /dev/urandom > 'sent file.bin'
echo 'Grüße' > greeting.txt

cat > script <<TEXT
mkcol notes
cd notes
put "sent file.bin"
put greeting.txt
ls
move greeting.txt hello.txt
copy hello.txt copy.txt
lock hello.txt
put greeting.txt hello.txt
unlock hello.txt
propset hello.txt mood bright
propget hello.txt mood
get "sent file.bin" got.bin
get copy.txt got.txt
delete copy.txt
ls
cd ..
move notes "old notes"
ls
quit
TEXT
timeout 60 cadaver "http://127.0.0.1:$port/dav/files/$PILEUS_USER/" < script 2>&1 | tee cadaver.log

fail() { echo "cadaver.sh: $*" >&2; exit 1; }
cmp 'sent file.bin' got.bin || fail "the file came back changed"
cmp greeting.txt got.txt || fail "the copied file came back changed"
! grep -iE 'failed|error|could not|not authorized|forbidden|conflict|unauthori[sz]ed' cadaver.log || fail "a command failed"
for done in "Creating \`notes': succeeded" 'Moving .*succeeded' 'Copying .*succeeded' 'Locking .*succeeded' \
  'Unlocking .*succeeded' 'Deleting .*succeeded' 'Value of mood is: bright' 'Coll: *old notes'; do
  grep -q "$done" cadaver.log || fail "not seen: $done"
done
