"""The `symtests` command."""


def main() -> None:
    """Run the command line."""
