"""What is wrong with the arguments of a command, as one sentence in the person's language that names the argument."""

import sys
from typing import Any, ClassVar, NoReturn

import click
from rich.console import Console

from services.simulator.messages import say
from services.simulator.screen import show_error

#: Exit code for wrong arguments, as everywhere.
WRONG_ARGUMENTS = 2


class SentenceCommand(click.Command):
    """A command that says so, and nothing about how it is called inside."""

    #: As people call it.
    called: ClassVar[str]

    def main(self, *args: Any, **more: Any) -> NoReturn:
        """See `click.Command`."""
        try:
            super().main(*args, **{**more, "prog_name": self.called, "standalone_mode": False})
        except click.UsageError as error:
            show_error(Console(stderr=True, highlight=False, soft_wrap=True), sentence(error, self))
            sys.exit(WRONG_ARGUMENTS)
        sys.exit(0)


def sentence(error: click.UsageError, command: click.Command) -> str:
    """The sentence about arguments of a command that `click` refuses."""
    if isinstance(error, click.NoSuchOption):
        return say("wrong-option", name=error.option_name)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return say("missing", name=_name(error.param))
    if isinstance(error, click.BadParameter) and error.param is not None:
        return say("wrong-value", name=_name(error.param), wanted=_wanted(error.param.type))
    if isinstance(error, click.BadOptionUsage):
        option = next(one for one in command.params if error.option_name in one.opts)
        wanted = say("wanted-values", count=option.nargs) if option.nargs > 1 else say("wanted-value")
        return say("wrong-value", name=error.option_name, wanted=wanted)
    return error.format_message()


def _name(parameter: click.Parameter) -> str:
    return str(parameter.opts[0] if isinstance(parameter, click.Option) else parameter.metavar)


def _wanted(kind: click.ParamType[Any]) -> str:
    """What an option takes."""
    wanted = say("wanted-whole" if isinstance(kind, click.types.IntParamType) else "wanted-number")
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return wanted
    if kind.min is not None:
        wanted = say("wanted-above" if kind.min_open else "wanted-from", what=wanted, least=kind.min)
    return say("wanted-to", what=wanted, most=kind.max) if kind.max is not None else wanted
