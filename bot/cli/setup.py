"""What most commands start with: read the settings, say clearly what is wrong with them, set up the log."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from bot.cli.exits import WRONG
from bot.settings import Settings


def settings() -> Settings:
    """The settings, or exit code 2 with a line for each one that cannot be used."""
    try:
        return Settings()
    except (UnicodeDecodeError, OSError) as error:
        sys.stderr.write(f"strata: the file .env cannot be read ({type(error).__name__}): save it as UTF-8 text\n")
        raise typer.Exit(WRONG) from None
    except ValidationError as error:
        for one in error.errors():
            name = ".".join(str(step) for step in one["loc"]).upper()
            sys.stderr.write(f"strata: {name}: {one['msg'].removeprefix('Value error, ')}\n")
        raise typer.Exit(WRONG) from None


def log_to_stderr(found: Settings) -> None:
    """Logs go through the redactor, like everything else that leaves the program."""
    from bot.keys import derived, root_key
    from bot.logs import configure, without
    from graphs.hygiene.redact import Redactor

    redactor = Redactor(derived(root_key(found.strata_secret, found.strata_directory), "redaction"))
    ours = without(found.secrets)
    configure(found.strata_log, lambda text: redactor.redact(ours(text)).text, as_json=not sys.stderr.isatty())
