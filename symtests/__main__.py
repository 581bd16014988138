"""Run the command line with ``python -m symtests``."""

from symtests.cli import main

main()
