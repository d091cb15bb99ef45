#!/bin/sh
# The browser tests drive Debian's headless Chromium. Install it where that is possible;
# elsewhere they look for a Chromium that is there, or skip and say why.
for browser in "$CHROMIUM" /usr/bin/chromium-headless-shell /usr/bin/chromium /usr/bin/google-chrome; do
    [ -n "$browser" ] && [ -x "$browser" ] && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq chromium-headless-shell && exit 0
fi
echo "No Chromium found: the browser tests will be skipped. Install Debian's chromium," \
    "or set CHROMIUM to the path of one."
exit 0
