#!/usr/bin/env bash
# Sourced by scripts that build with cmake: several of them share a folder, and may run at one time.

# lock_folder FOLDER: waits until no other script builds there; until unlock_folder, or the script's end, none will.
lock_folder() {
    mkdir -p "$1"
    exec 8>"$1.lock"
    flock 8
}

unlock_folder() { exec 8>&-; }

# configure FOLDER ARGUMENT...: runs cmake with a preset of this folder, which has to be locked.
#
# If the folder came from elsewhere, or its compiler is gone, cmake begins anew; what is built there stays until then.
configure() {
    local folder=$1
    shift
    cmake "$@" || {
        rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
        cmake "$@"
    }
}
