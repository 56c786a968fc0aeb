#!/usr/bin/env bash
# Sourced by scripts that may have to install Debian packages.

# apt_install PACKAGE...: fails where apt or the right to use it is missing, or all of them are there.
apt_install() {
    local sudo=() missing=() package
    command -v apt-get >/dev/null || return 1
    for package; do
        if ! dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed'; then
            missing+=("$package")
        fi
    done
    [[ ${#missing[@]} -gt 0 ]] || return 1
    if [[ $EUID -ne 0 ]]; then
        sudo -n true 2>/dev/null || return 1
        sudo=(sudo -n)
    fi
    printf '==> Installing %s with apt\n' "${missing[*]}"
    "${sudo[@]}" apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
