#!/usr/bin/env bash
# Installs the Debian package on this machine as an administrator would, looks at what is there, removes it, and looks at
# what is left. Run by `./dev package`, as root.
set -euo pipefail
package=$(realpath "${1:?usage: tests/package.sh FILE.deb}")

fail() { echo "package: $*" >&2; exit 1; }
there() { local file; for file in "$@"; do [ -e "$file" ] || fail "missing after the installation: $file"; done; }
gone() { local file; for file in "$@"; do [ ! -e "$file" ] || fail "still there: $file"; done; }

[ "$(id -u)" = 0 ] || fail "needs root"
! dpkg-query -W -f='${db:Status-Status}' pileus 2>/dev/null | grep -q '^installed' || fail "pileus is installed here; not touching it"
had_data=no
[ ! -e /var/lib/pileus ] || had_data=yes

echo "package: $(basename "$package") depends on $(dpkg-deb -f "$package" Depends)"
dpkg-deb -f "$package" Depends | grep -q libsqlite3-0 || fail "the libraries it needs are not among its dependencies"
dpkg-deb --ctrl-tarfile "$package" | tar -xO ./conffiles | grep -qx /etc/pileus/pileus.toml || fail "the configuration is no conffile"

clean_up() { dpkg --purge pileus >/dev/null 2>&1 || true; }
trap clean_up EXIT
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null

version=$(dpkg-deb -f "$package" Version)
pileus --version | grep -qF "${version%%-*}" || fail "pileus --version says '$(pileus --version)', not $version"
there /usr/lib/systemd/system/pileus.service /usr/share/man/man1/pileus.1.gz /usr/share/man/man5/pileus.toml.5.gz \
  /usr/share/doc/pileus/copyright /usr/share/doc/pileus/README.md /usr/share/doc/pileus/changelog.gz \
  /usr/share/doc/pileus/examples/nginx.conf /usr/share/doc/pileus/examples/fail2ban
[ "$(stat -c '%U:%G %a' /etc/pileus/pileus.toml)" = "root:pileus 640" ] || fail "the configuration's owner or mode"
[ "$(stat -c '%U:%G %a' /var/lib/pileus)" = "pileus:pileus 700" ] || fail "the data folder's owner or mode"
getent passwd pileus | grep -q nologin || fail "the user pileus can log in"
if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify pileus.service || fail "systemd does not like the unit"
fi

# The configuration as installed: only the certificate, which nobody has named yet, may be missing.
work=$(mktemp -d)
trap 'rm -rf "$work"; clean_up' EXIT
if ! runuser -u pileus -- pileus check-config --config /etc/pileus/pileus.toml >"$work/said" 2>&1; then
  grep -qi certificate "$work/said" || { cat "$work/said" >&2; fail "check-config refuses the configuration as installed"; }
fi

# The program as the service's user, with a certificate, a data folder and ports of its own.
port=$((20000 + RANDOM % 10000))
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/chain.pem" 2>/dev/null
cat >"$work/pileus.toml" <<TOML
[server]
data = "$work/data"
[listen]
https = ["127.0.0.1:$port"]
http = []
admin = ["127.0.0.1:$((port + 1))"]
[tls]
certificates = [{ chain = "$work/chain.pem", key = "$work/key.pem" }]
TOML
install -d -m 700 "$work/data"
chown -R pileus: "$work"
runuser -u pileus -- pileus account create ada --config "$work/pileus.toml" --password-stdin <<<'correct horse battery'
setpriv --reuid=pileus --regid=pileus --init-groups pileus serve --config "$work/pileus.toml" 2>"$work/log" &
server=$!
curl -sS --noproxy '*' --retry 50 --retry-connrefused --retry-delay 1 --cacert "$work/chain.pem" -u 'ada:correct horse battery' \
  -o /dev/null -w '%{http_code}' "https://127.0.0.1:$port/dav/files/ada/" >"$work/status" 2>/dev/null || true
kill -TERM "$server"
wait "$server" || { cat "$work/log" >&2; fail "the server ended badly"; }
[ "$(cat "$work/status")" = 200 ] || { cat "$work/log" >&2; fail "the server answered $(cat "$work/status")"; }

# An upgrade keeps what the administrator wrote.
echo '# changed by the administrator' >>/etc/pileus/pileus.toml
dpkg -i --force-confold "$package" >/dev/null
grep -q 'changed by the administrator' /etc/pileus/pileus.toml || fail "an upgrade lost the administrator's change"

touch /var/lib/pileus/precious
dpkg --remove pileus >/dev/null
gone /usr/bin/pileus /usr/lib/systemd/system/pileus.service
there /etc/pileus/pileus.toml
dpkg --purge pileus >/dev/null
gone /etc/pileus/pileus.toml
there /var/lib/pileus/precious

rm -f /var/lib/pileus/precious
if [ "$had_data" = no ]; then
  rmdir /var/lib/pileus
  deluser --quiet --system pileus || true
fi
echo "package: installed, looked at, upgraded, removed and purged; people's data was kept"
