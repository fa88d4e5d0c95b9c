#!/usr/bin/env bash
# Installs what a Debian 12 machine lacks for the lobby: `./bootstrap.sh run`, or `test` for more.
# When nothing is missing it says nothing and takes a blink.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# The broker, the fonts, the display for machines without one, Chinese input by keys and by hand, and
# what Kivy's window loads.
run_packages=(
    mosquitto fonts-noto-cjk xvfb
    librime1 librime-data rime-data-luna-pinyin rime-data-terra-pinyin rime-data-bopomofo rime-data-stroke
    libzinnia0 tegaki-zinnia-simplified-chinese
    libgl1 libgl1-mesa-dri libegl1 libgles2 libxext6 libxcursor1 libxi6 libxrandr2 libxss1 libmtdev1
)
# The desk's page is tested in a browser, the kiosk by real clicks and keys, a PDF by another's reader,
# the units by systemd's own.
test_packages=(chromium xdotool poppler-utils systemd)

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

case "${1-}" in
run) packages=("${run_packages[@]}") extras= ;;
test) packages=("${run_packages[@]}" "${test_packages[@]}") extras='[dev]' ;;
*) fail 'Say which set to install: ./bootstrap.sh run, or ./bootstrap.sh test.' ;;
esac

check_python() {
    command -v python3 >/dev/null ||
        fail 'Python is missing: install Python 3.11 or newer as python3 and try again.'
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer is needed, and python3 is $(python3 -V 2>&1)."
    # Debian ships Python without the part that makes virtual environments.
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
}

install_packages() {
    command -v dpkg-query >/dev/null ||
        fail "This is no Debian: install the equivalents of ${packages[*]} by hand first."
    local installed missing=() package
    installed=" $(dpkg-query -W -f='${binary:Package}=${db:Status-Status} ' \
        "${packages[@]}" 2>/dev/null || true)"
    for package in "${packages[@]}"; do
        # Libraries carry their architecture: libgl1:amd64.
        [[ $installed =~ \ $package(:[a-z0-9]+)?=installed\  ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local as_root=()
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "These Debian packages are missing; install them with:
  sudo apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo -n)
    fi
    echo "Installing Debian packages: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update ||
        fail 'The list of Debian packages cannot be fetched: is there a network?'
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install ${missing[*]}: see above."
}

# The environment is for this folder, these dependencies and this Python.
wanted_environment() {
    { pwd; cat pyproject.toml; .venv/bin/python -V; } | sha256sum
}

install_environment() {
    local stamp=".venv/installed-$1" other
    [[ -x .venv/bin/python && $(cat "$stamp" 2>/dev/null) == "$(wanted_environment)" ]] && return 0

    echo 'Installing the Python packages into .venv'
    rm -f .venv/installed-*
    .venv/bin/python -m pip --version >/dev/null 2>&1 || python3 -m venv --clear .venv ||
        fail 'The virtual environment .venv could not be made: see above.'
    # setuptools warns about the current folder, which is just what is meant.
    PYTHONWARNINGS=ignore .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --editable ".$extras" ||
        fail 'pip could not install the Python packages: see above; is there a network?'
    wanted_environment >"$stamp"
    # The larger set contains the smaller one.
    [[ $1 == run ]] || cp "$stamp" .venv/installed-run
}

[[ -x .venv/bin/python ]] || check_python
install_packages
install_environment "$1"
