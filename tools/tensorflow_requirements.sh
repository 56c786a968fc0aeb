#!/bin/sh
# Prints what pip has to install for a TensorFlow, given as a requirement or the path of a wheel: one
# requirement a line.
set -eu

case "$(uname -m) $1" in
    x86_64*) echo "$1" ;;
    # tensorflow-cpu is there for x86-64 alone; elsewhere tensorflow itself is built for CPUs.
    *' tensorflow-cpu'*) echo "tensorflow${1#tensorflow-cpu}" ;;
    *) echo "$1" ;;
esac
# 2.14 and 2.15 are built for NumPy 1, but do not tell pip.
case $1 in
    *[-=\ ]2.1[45] | *[-=\ ]2.1[45].*) echo 'numpy<2' ;;
esac
