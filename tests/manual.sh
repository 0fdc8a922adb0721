#!/usr/bin/env bash
# Every command and option that `pileus --help` names is in pileus(1), and the page names no other.
#   tests/manual.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/.."
pileus=$1
page=docs/pileus.1
faults=0
fault() { echo "$page: $*"; faults=1; }

mapfile -t commands < <("$pileus" --help | sed -nE 's/^  ([a-z][a-z-]*( [a-z][a-z-]*)?)( .*)?$/\1/p')
[ ${#commands[@]} -gt 10 ] || { echo "pileus --help names only ${#commands[@]} commands"; exit 1; }
for command in "${commands[@]}"; do
  item=$(grep -E "^\.It Cm $command( |$)" "$page") || { fault "no $command"; continue; }
  # shellcheck disable=SC2086 # The command is one or two words.
  for option in $("$pileus" $command --help | sed -nE 's/^  --([a-z-]+).*/\1/p'); do
    case $option in
      config | help) ;;
      *) grep -q -- "Fl -$option\b\| -$option\b" <<<"$item" || fault "no --$option at $command" ;;
    esac
  done
done
while read -r named; do
  for command in "${commands[@]}"; do
    [[ "$named " != "$command "* ]] || continue 2
  done
  fault "there is no command '$named'"
done < <(sed -nE 's/^\.It Cm ([a-z -]+).*/\1/p' "$page")
exit "$faults"
