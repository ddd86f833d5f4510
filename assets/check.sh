#!/bin/sh
# Rebuilds the assets from their sources and fails, in words, when what is committed differs.
set -eu
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --no-audit --no-fund
npm run --silent check
