#!/bin/sh
# Compiles a file twice: as it is, which must work, and with MISUSE defined, which must not, and for the reason that its
# EXPECT lines give. Usage: check.sh FILE COMPILER FLAG...
set -u
export LC_ALL=C
file=$1
shift
expected=$(sed -n 's|^// EXPECT: ||p' "$file")
[ -n "$expected" ] || { echo "$file has no EXPECT line"; exit 1; }

if ! output=$("$@" -fsyntax-only "$file" 2>&1); then
  echo "$file does not compile even without the misuse:"
  echo "$output"
  exit 1
fi
if output=$("$@" -fsyntax-only -DMISUSE "$file" 2>&1); then
  echo "$file compiles with the misuse"
  exit 1
fi
# Compilers write an alias as 'X {aka Y}' and std::string by several names; the EXPECT lines are without that.
message=$(printf '%s\n' "$output" | sed "s/ {aka [^}]*}//g; s/std::[a-z0-9_:]*string/string/g")
printf '%s\n' "$expected" | while IFS= read -r line; do
  printf '%s\n' "$message" | grep -qF -- "$line" && continue
  echo "$file fails, but not with: $line"
  echo "$output"
  exit 1
done
