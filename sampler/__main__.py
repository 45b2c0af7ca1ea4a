"""Entry point of ``sampler`` and ``python -m sampler``."""

from sampler.cli.app import app
from sampler.cli.console import ready_streams


def main() -> None:
    """Run the command line."""
    ready_streams()
    app(prog_name="sampler")


if __name__ == "__main__":
    main()
