"""`python -m resource_server COMMAND`."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

COMMANDS: Final = {
    "doctor": "resource_server.doctor.command",
    "explain": "resource_server.explain_command",
    "publish": "resource_server.publish_command",
}
"""Each module has HELP, add_arguments(parser) and run(arguments), which returns the exit status."""


def main(given: Sequence[str] | None = None) -> int:
    """The exit status of the command that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m resource_server")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = import_module(module)
        subparser = commands.add_parser(name, help=command.HELP)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    chosen = parser.parse_args(given)
    status: int = chosen.run(chosen)
    return status


if __name__ == "__main__":
    sys.exit(main())
