"""Entry point of ``sampler`` and ``python -m sampler``."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        # Imported here: until a command is at work, nobody but this function can be interrupted in good order.
        from sampler.cli.app import app
        from sampler.cli.console import ready_streams

        ready_streams()
        app(prog_name="sampler")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
