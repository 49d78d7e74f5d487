#!/usr/bin/env bash
# Creates assets/fonts/*.ttf from the published packages. It needs npm, python3 with venv, and the network.
# assets/README.md describes the changes to the fonts and their reasons. freeze_digits.py contains the changes.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$work" && npm pack --silent @expo-google-fonts/inter@0.4.2 @expo-google-fonts/jetbrains-mono@0.4.1 >/dev/null)
for name in inter jetbrains-mono; do
  mkdir "$work/$name"
  tar -xzf "$work"/expo-google-fonts-"$name"-*.tgz -C "$work/$name" --strip-components=1
done
python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet fonttools==4.63.0 uharfbuzz==0.55.0

freeze() { # freeze PACKAGE WEIGHT NAME [FEATURE…]
  local source=("$work/$1/$2"/*.ttf) target=assets/fonts/$3
  "$work/python/bin/python" scripts/freeze_digits.py "${source[0]}" "$target" "${@:4}"
}
freeze inter 400Regular Inter-Regular.ttf kern
freeze inter 600SemiBold Inter-SemiBold.ttf kern
freeze jetbrains-mono 400Regular JetBrainsMono-Regular.ttf
cp "$work/inter/LICENSE_FONT" assets/fonts/Inter-OFL.txt
cp "$work/jetbrains-mono/LICENSE_FONT" assets/fonts/JetBrainsMono-OFL.txt
