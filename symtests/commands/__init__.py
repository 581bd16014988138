"""The commands of `symtests`, one a file; `symtests.cli` gathers them."""
