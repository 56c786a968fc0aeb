#!/bin/sh
# Runs a command as an ordinary user who can write the results folder.
#
# A folder mounted from the host belongs to whoever made it there, or to root when the engine had to
# make it, so no fixed user could write it. Started as root, this drops to the folder's owner or, where
# that is root, to uid 1000 after letting that group write the folder itself, not what is in it. Started
# with --user it changes nothing; `--entrypoint python --user 0` is the way to stay root.
set -eu

if [ "$(id -u)" -ne 0 ]; then
    exec "$@"
fi

results=${TFOPT_RESULTS:-/results}
owner=$(stat -c '%u %g' "$results" 2>/dev/null || echo 1000 1000)
uid=${owner% *} gid=${owner#* }
if [ "$uid" -eq 0 ]; then
    uid=1000 gid=1000
    # The folder keeps its owner, who in a rootless engine is the user outside.
    { chgrp "$gid" "$results" && chmod g+rwx "$results"; } 2>/dev/null ||
        echo "tfopt: $results is root's and cannot be made writable; results cannot be saved there" >&2
fi
if ! setpriv --reuid "$uid" --regid "$gid" --clear-groups true 2>/dev/null; then
    echo "tfopt: cannot change to uid $uid in this container; start it with --user $uid:$gid" >&2
    exit 1
fi
exec setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@"
