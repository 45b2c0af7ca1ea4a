"""Entry point of ``sampler`` and ``python -m sampler``."""

from sampler.cli.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="sampler")


if __name__ == "__main__":
    main()
