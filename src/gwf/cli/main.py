"""The gwf command line."""


def main() -> None:
    """Run the command."""
