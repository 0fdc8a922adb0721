# Reports functions of more than 60 lines. A block is a function if it is opened at namespace or class level by text with
# a parameter list; namespaces, classes and tables (`… = {`) are not. Counted from the first line of the signature to the
# closing brace.
function without_literals(line) {
  gsub(/\\\\/, "", line)
  gsub(/\\"/, "", line)
  gsub(/\\'/, "", line)
  gsub(/'[{}();"]'/, "", line)
  gsub(/"[^"]*"/, "\"\"", line)
  sub(/\/\/.*/, "", line)
  return line
}

function kind_of(text) {
  if (text ~ /(^|[^a-z_])(namespace|class|struct|enum|union|extern)[^a-z_]/ && text !~ /\)[ a-z]*$/) return "container"
  if (text ~ /=/ && text !~ /operator *[=!<>+-]/ && text !~ /\[[^]]*\] *\(/ && text !~ /\) *(const|noexcept|override)* *(:.*)?$/) return "table"
  if (text ~ /\(/) return "function"
  return "container"
}

BEGIN { depth = 0; text = ""; in_function = 0; in_raw = 0 }

/^#/ { next }
in_raw { if (index($0, raw_end)) in_raw = 0; next }
match($0, /R"[a-zA-Z]*\(/) {
  raw_end = ")" substr($0, RSTART + 2, RLENGTH - 3) "\""
  rest = substr($0, RSTART + RLENGTH)
  if (!index(rest, raw_end)) { in_raw = 1; $0 = substr($0, 1, RSTART - 1) "\"\"" } else gsub(/R"[a-zA-Z]*\(.*\)[a-zA-Z]*"/, "\"\"")
}
{
  line = without_literals($0)
  for (i = 1; i <= length(line); ++i) {
    c = substr(line, i, 1)
    if (c == "{") {
      kind[++depth] = in_function ? "inner" : kind_of(text)
      if (kind[depth] == "function") { in_function = depth; start = first ? first : NR }
      if (kind[depth] == "table") { in_function = depth; start = -1 }
      text = ""; first = 0
    } else if (c == "}") {
      if (in_function == depth) {
        if (start > 0 && NR - start + 1 > 60) printf "%s:%d: a function has at most 60 lines, this one has %d\n", file, start, NR - start + 1
        in_function = 0
      }
      if (depth > 0) --depth
      text = ""; first = 0
    } else if (c == ";" && !in_function) {
      text = ""; first = 0
    } else if (!in_function) {
      if (text == "" && c ~ /[^ \t]/) first = NR
      if (text != "" || c ~ /[^ \t]/) text = text c
    }
  }
  if (text != "") text = text " "
}
