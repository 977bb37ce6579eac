#!/bin/sh
# The friend that may construct a CleanDocument belongs to services/deid: nobody else names it, and nobody else opens
# its namespace, where a class of that name could be made up. Run from the project's root.
others=$(grep -rlE 'CleanDocumentMaker|namespace (freshet::)?deid *\{' --include='*.h' --include='*.cc' \
  common connectors schemas services tests | grep -vE '^(schemas/clean\.h|services/deid/.*)$')
if [ -n "$others" ]; then
  echo "These name what only services/deid may:"
  echo "$others"
  exit 1
fi
grep -q 'friend class deid::CleanDocumentMaker;' schemas/clean.h || { echo "schemas/clean.h has another boundary"; exit 1; }
