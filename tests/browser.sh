#!/bin/sh
# A browser for the tests of the page: the one there is, or Debian's and Ubuntu's own package. Without one those tests are skipped.
for found in chromium chromium-browser google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  command -v "$found" >/dev/null 2>&1 && exit 0
done
if command -v apt-get >/dev/null 2>&1; then
  as_root=; [ "$(id -u)" = 0 ] || as_root="sudo -n"
  echo "No browser here: installing chromium and fonts for Arabic."
  export DEBIAN_FRONTEND=noninteractive
  { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-noto-color-emoji; } >/dev/null 2>&1 && exit 0
fi
echo "No browser could be installed: the tests of the page in a browser are skipped (Debian, Ubuntu: apt install chromium)."
