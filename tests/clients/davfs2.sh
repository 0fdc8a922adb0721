#!/usr/bin/env bash
# davfs2: the files mounted as a file system; written, read back by another mount. On the plain listener.
# usage: tests/clients/davfs2.sh sqlite|postgres
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

skip() { echo "!!!!!!!! SKIPPED: $*" >&2; [ "${CI:-}" != true ] || exit 1; exit 77; }

if [ -z "${PILEUS_URL:-}" ]; then
  [ -x /usr/sbin/mount.davfs ] || skip "davfs2 is not installed"
  [ -e /dev/fuse ] || skip "there is no /dev/fuse"
  [ "$(id -u)" = 0 ] || skip "mounting needs root"
  exec /usr/bin/python3 "$here/../harness.py" --store "${1:-sqlite}" -- "$here/davfs2.sh"
fi

cd "$PILEUS_FOLDER"
mkdir mount cache
# davfs2 gives its rights up once it has mounted.
chmod 755 .
chmod 777 cache
port=${PILEUS_HTTP_URL##*:}
url=http://127.0.0.1:$port/dav/files/$PILEUS_USER/
cat > davfs2.conf <<TEXT
ask_auth 0
secrets $PWD/secrets
cache_dir $PWD/cache
use_locks 1
delay_upload 0
TEXT
printf '%s %s %s\n' "$url" "$PILEUS_USER" "$PILEUS_PASSWORD" > secrets
chmod 600 secrets

mounted() { grep -q " $PWD/mount " /proc/mounts; }
trap 'if mounted; then umount "$PWD/mount" || umount -l "$PWD/mount"; fi' EXIT
attach() {
  timeout 60 mount.davfs -o conf="$PWD/davfs2.conf" "$url" "$PWD/mount" || return 1
}
detach() { timeout 120 umount "$PWD/mount"; }

if ! attach 2> mount.log; then
  cat mount.log >&2
  grep -qiE 'fuse|not permitted|coda' mount.log && skip "mounting does not work here"
  exit 1
fi

mkdir -p source/'a folder'/inner
for number in $(seq 20); do head -c $((number * 5000)) /dev/urandom > "source/a folder/file $number.bin"; done
: > source/empty
echo 'Grüße' > 'source/a folder/inner/Grüße 100%.txt'
cp -r source/. mount/
mv 'mount/a folder/file 1.bin' mount/moved.bin
mv 'source/a folder/file 1.bin' source/moved.bin
rm 'mount/a folder/file 2.bin' 'source/a folder/file 2.bin'
echo changed >> 'mount/a folder/file 3.bin'
echo changed >> 'source/a folder/file 3.bin'
detach

# A second mount, with an empty cache, reads what the server has.
rm -rf cache
mkdir -m 777 cache
attach
# Read by the names that were written: davfs2 1.6 can't list a directory on Linux 6.18 (EINVAL).
names() { (cd source && find . -type f -print0 | LC_ALL=C sort -z); }
sums() { (cd "$1" && xargs -0 sha256sum); }
diff <(names | sums source) <(names | sums mount) || { echo "davfs2.sh: the tree came back changed" >&2; exit 1; }
if ls mount > /dev/null 2>&1; then
  diff <(cd source && find . | sort) <(cd mount && find . -path ./lost+found -prune -o -print | sort)
else
  echo 'davfs2.sh: this davfs2 cannot list directories on this kernel; names were read one by one' >&2
fi
[ ! -e 'mount/a folder/file 1.bin' ] && [ ! -e 'mount/a folder/file 2.bin' ] || { echo 'davfs2.sh: a removed file is there' >&2; exit 1; }
df mount | tail -1
detach
