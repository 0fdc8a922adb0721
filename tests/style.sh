#!/usr/bin/env bash
# The rules of the code that a machine can check: layering, sizes, citations, form. Prints each fault as file:line: why,
# and fails if there is one. CONTRIBUTING.md says why the rules are what they are. With --all also what clang-format
# would change (`./dev fmt` does it), and whether the README names every RFC that the code cites.
set -uo pipefail
cd "$(dirname "$0")/.."

faults=$(mktemp)
trap 'rm -f "$faults"' EXIT

mapfile -t program < <(find storage dav mail web server -name '*.cpp' -o -name '*.h' | sort)
mapfile -t sources < <(find storage dav mail web server tests -name '*.cpp' -o -name '*.h' | sort)
mapfile -t headers < <(printf '%s\n' "${sources[@]}" | grep '\.h$')
mapfile -t scripts < <(find dev .ci tests conf -type f \( -name '*.sh' -o -name '*.py' -o -path dev -o -path .ci/run \) 2>/dev/null | sort)
mapfile -t texts < <(find README.md CHANGELOG.md CONTRIBUTING.md docs conf CMakeLists.txt -type f 2>/dev/null | sort)

# refuse WHY PATTERN FILE…: each line that matches the extended expression is a fault.
refuse() {
  local why=$1 pattern=$2
  shift 2
  [ $# -gt 0 ] || return 0
  grep -nHE -- "$pattern" "$@" | sed -E "s|^([^:]+:[0-9]+):(.*)|\1: $why: \2|" >>"$faults"
}

# in_folder FOLDER…: the program's files below them.
in_folder() {
  local folder
  for folder in "$@"; do printf '%s\n' "${program[@]}" | grep "^$folder/"; done
}

layering() {
  local files
  mapfile -t files < <(in_folder storage)
  refuse 'storage includes only storage' '^#include "(dav|mail|web|server|tests)/' "${files[@]}"
  refuse 'storage knows no XML, iCalendar, HTTP or network' '^#include <(libxml|libical|boost|Poco)/' "${files[@]}"
  mapfile -t files < <(in_folder dav)
  refuse 'dav does not include server, mail or web' '^#include "(mail|web|server|tests)/' "${files[@]}"
  refuse 'dav knows no database, socket or HTTP library' '^#include [<"](sqlite3|libpq-fe|boost/|Poco/|toml|storage/sql/|sys/socket)' "${files[@]}"
  mapfile -t files < <(in_folder dav/content dav/calendar dav/contacts)
  refuse 'this folder is pure' '^#include "(storage|server)/' "${files[@]}"
  refuse 'this folder is pure' '^#include "dav/[^/]*"' "${files[@]}"
  refuse 'this folder is pure' '^#include "dav/(methods|properties|reports)/' "${files[@]}"
  refuse 'this folder knows no XML' '^#include <libxml/' "${files[@]}"
  mapfile -t files < <(in_folder mail)
  refuse 'mail does not include server, dav or web' '^#include "(dav|web|server|tests)/' "${files[@]}"
  refuse 'mail knows no database, socket or HTTP library' '^#include [<"](sqlite3|libpq-fe|boost/|Poco/|toml|storage/sql/|sys/socket)' "${files[@]}"
  mapfile -t files < <(in_folder mail/mime)
  refuse 'this folder is pure' '^#include "(storage/|mail/[^/]*"|mail/(imap|smtp|sieve|hooks)/)' "${files[@]}"
  mapfile -t files < <(in_folder mail/imap/grammar mail/imap/search)
  refuse 'this folder is pure' '^#include "(storage/(sql/|store|accounts)|mail/[^/]*"|mail/imap/[^/]*"|mail/(smtp|sieve|hooks)/)' "${files[@]}"
  mapfile -t files < <(in_folder web)
  refuse 'web includes only storage' '^#include "(dav|mail|server|tests)/' "${files[@]}"
  refuse 'web knows no database, XML, socket or HTTP library' '^#include [<"](sqlite3|libpq-fe|boost/|Poco/|toml|libxml/|storage/sql/|sys/socket)' "${files[@]}"
  mapfile -t files < <(in_folder server)
  refuse 'server knows no SQL' '^#include [<"](sqlite3|libpq-fe|storage/sql/)' "${files[@]}"
  refuse 'includes start at the root' '^#include "\.\.?/' "${sources[@]}"
  refuse 'heavy headers are included by .cpp files only' \
    '^#include [<"](boost/|toml\+\+|nlohmann/|catch2/|libical/|libxml/|sqlite3|libpq-fe|benchmark/)' \
    $(printf '%s\n' "${headers[@]}" | grep -E '^(storage|dav|mail|web|server)/')
}

sizes() {
  local file
  for file in "${program[@]}"; do
    awk -v file="$file" '
      END { if (NR > 400) printf "%s:%d: a file has at most 400 lines\n", file, NR }' "$file" >>"$faults"
    awk -v file="$file" -f tests/function_length.awk "$file" >>"$faults"
  done
}

form() {
  refuse 'no tabs' $'\t' "${sources[@]}" "${scripts[@]}" "${texts[@]}"
  refuse 'no space at the end of a line' ' $' "${sources[@]}" "${scripts[@]}" "${texts[@]}"
  refuse 'no raw new or delete' '(^|[=(,{]|return) *(new +[A-Za-z_:<>]+ *[[({;]|delete(\[\])? +[a-z_]+;)' "${program[@]}"
  refuse 'no using namespace in a header' '^ *using namespace' "${headers[@]}"
  local file
  for file in "${headers[@]}"; do
    grep -q '^#pragma once$' "$file" || echo "$file:1: a header starts with #pragma once" >>"$faults"
  done
  find storage dav mail web server \( -path '*/common' -o -name 'utils*' -o -name 'helpers*' -o -name 'misc*' \) |
    sed 's/$/:1: no common folder, no utils/' >>"$faults"
}

words() {
  # RFC822, RFC822.SIZE and the like are names in IMAP's commands, and USPREP_RFC… one in ICU: no citations.
  refuse 'a citation reads "RFC 4918 9.3"' \
    '(^|[^_])RFC([0-79]|8[013-9]|82[013-9]|822[0-9])|RFC-[0-9]|Rfc ?[0-9]|\brfc [0-9]|RFC [0-9]+(, ?[0-9]+\.[0-9]| §|#| [Ss]ection| sec\.)' "${sources[@]}" "${texts[@]}"
  refuse 'unfinished' '\b(TODO|FIXME|XXX|HACK)\b' "${sources[@]}" "${scripts[@]}" "${texts[@]}"
  refuse 'a path of one machine' "(^|[ \"'\`(=])/(work|home/[a-z]+|root)/" "${sources[@]}" "${scripts[@]}" "${texts[@]}"
}

# Every RFC that the code cites is in the README's table, or below it.
standards() {
  local number
  for number in $(grep -rhoE 'RFC [0-9]+' "${program[@]}" | sed 's/RFC //' | sort -u); do
    grep -qE "\b$number\b" README.md || echo "README.md:1: the code cites RFC $number, the table of standards does not" >>"$faults"
  done
}

# The pages must be free of faults that mandoc sees.
manuals() {
  command -v mandoc >/dev/null || return 0
  local page
  for page in docs/*.[1-8]; do
    [ -e "$page" ] && mandoc -T lint -W warning "$page" >>"$faults"
  done
}

# Every key of the annotated configuration, and no other, is in its manual page, with the same default.
configuration() {
  diff <(sed -nE 's/^# ([a-z0-9_]+ = .*)/\1/p' conf/pileus.toml) \
    <(sed -nE 's/^\.It Ic ([a-z0-9_]+ = .*)/\1/p' docs/pileus.toml.5 | sed 's/\\(dq/"/g') |
    sed -nE 's/^([<>].*)/docs\/pileus.toml.5:1: differs from conf\/pileus.toml: \1/p' >>"$faults"
}

format() {
  refuse 'at most 120 columns' '^.{121,}$' "${sources[@]}"
  command -v clang-format >/dev/null || return 0
  printf '%s\0' "${sources[@]}" | xargs -0 -n 16 -P 2 clang-format --dry-run 2>&1 |
    sed -nE 's/^([^ :]+:[0-9]+):[0-9]+: (warning|error):.*/\1: run .\/dev fmt/p' | sort -u >>"$faults"
}

layering
sizes
form
words
manuals
configuration
if [ "${1:-}" = --all ]; then
  standards
  format
fi
# This script names the words it looks for.
grep -v '^tests/style.sh:' "$faults" >"$faults.rest"
mv "$faults.rest" "$faults"
if [ -s "$faults" ]; then
  cat "$faults"
  echo "style: $(wc -l <"$faults") faults"
  exit 1
fi
echo "style: ${#sources[@]} sources, no fault"
