"""Options that take all values up to the next option: `--model A B` for `--model A --model B`."""

from __future__ import annotations

import click


class SeveralValues(click.Command):
    """A command without arguments, whose repeatable options may be given several values at once."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the command line, with the option's name put before each further value.

        Raises:
            click.UsageError: Another option stands where such an option's first value would.
        """
        known = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        names = {
            name
            for parameter in self.params
            if isinstance(parameter, click.Option) and parameter.multiple
            for name in parameter.opts
        }
        spread: list[str] = []
        option, values = "", 0
        for word in args:
            if word.startswith("-"):
                if option in names and not values and word.partition("=")[0] in known:
                    raise click.UsageError(f"{option}: expected a value, got {word}", ctx)
                option, _, value = word.partition("=")
                values = int(bool(value))
            elif option in names:
                spread += [option] if values else []
                values += 1
            spread.append(word)
        return super().parse_args(ctx, spread)
