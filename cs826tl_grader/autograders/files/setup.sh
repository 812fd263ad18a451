#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image. A wheel of cs826tl beside this file
# is installed; without one, the version below comes from the package index.
set -euo pipefail
root="${AUTOGRADER:-/autograder}"
export DEBIAN_FRONTEND=noninteractive UV_PYTHON_INSTALL_DIR="$root/python"

apt-get update -qq
apt-get install -y -qq --no-install-recommends bubblewrap curl ca-certificates
curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR="$root" sh

# Not below /root: submissions never run as root, and must be able to read Python.
"$root/uv" venv --quiet --python 3.12 "$root/venv"
package='cs826tl[grade]==@VERSION@'
for wheel in "$root"/source/cs826tl-*.whl; do
    if [ -e "$wheel" ]; then package="cs826tl[grade] @ file://$wheel"; fi
done
"$root/uv" pip install --quiet --python "$root/venv/bin/python" \
    --extra-index-url https://download.pytorch.org/whl/cpu --index-strategy unsafe-best-match \
    "$package"

export CS826TL_HOME="$root/assets"
"$root/venv/bin/cs826tl" fetch @ASSETS@
