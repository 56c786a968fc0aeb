"""`python -m tfopt`: the command line."""

from tfopt.cli import main

main()
