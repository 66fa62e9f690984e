#!/usr/bin/env sh
# The end-to-end tests need Chromium and a Chinese font. Install them where that is allowed; else the tests skip and say so.
command -v chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk && exit 0
fi
echo "Chromium is not installed: the end-to-end tests of the app are skipped (Debian: apt-get install chromium fonts-noto-cjk)" >&2
