"""`strata eval`: how good an engine is, on your own labelled tickets or on those of this project."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.core import TyperGroup

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.engines import HELP, MODELS, known, open_analyst
from graphs.errors import StrataError
from graphs.model import SlackUserId

if TYPE_CHECKING:
    from typer._click.core import Context  # typer carries its own copy of click

    from bot.evaluation.growing import Grown
    from bot.settings import Settings
    from graphs.agent.prompting import Prompts
    from graphs.evaluation.regression import Judgement
    from graphs.evaluation.report import Report

TOLERANCE, TARGET = 0.02, 0.9
CASES = Path("eval-cases.jsonl")


class _TicketsUnlessNamed(TyperGroup):
    """`strata eval FILE` means `strata eval tickets FILE`."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["tickets", *args]
        return super().parse_args(ctx, args)


evaluate = typer.Typer(
    cls=_TicketsUnlessNamed,
    help="Measure an engine: `strata eval FILE.jsonl`; without a file, on this project's own tickets.",
)


@evaluate.command()
def tickets(
    file: Annotated[
        Path | None,
        typer.Argument(
            help='Labelled tickets, one a line: {"id", "title", "body", "layer", "kind", "role", "risk" …}.'
        ),
    ] = None,
    *,
    golden: Annotated[
        bool, typer.Option("--golden", help="This project's own tickets; so it is without a file.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(envvar="STRATA_DATA", help="With --golden: a folder with `golden/` and `data/`, for real issues."),
    ] = None,
    engine: Annotated[str, typer.Option(help=HELP, callback=known)] = "local",
    answers: Annotated[
        list[Path] | None,
        typer.Option(help="Answers of any engine to these tickets, as `strata classify` writes them; may be repeated."),
    ] = None,
    against: Annotated[Path | None, typer.Option(help="A report that --json wrote: compare with it.")] = None,
    gate: Annotated[bool, typer.Option("--gate", help="With --against: exit 1 where this version is worse.")] = False,
    tolerance: Annotated[
        float, typer.Option(min=0, max=1, help="How far a figure may fall before the gate fails.")
    ] = TOLERANCE,
    target: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="The precision that is asked of a threshold.")
    ] = TARGET,
    prompt: Annotated[
        list[str] | None,
        typer.Option(help="Measure a version that is not active, such as triage/v2; needs a model; may be repeated."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--json", help="Write the report here; - is standard output.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write one HTML page here.")] = None,
) -> None:
    """Measure layers, kind, role, risk, citations, calibration, cost and time, each figure with its interval.

    Exit 1 when --gate is not passed or a line had to be left out, 2 when a file or an option cannot be used.
    """
    from bot.evaluation.running import compared, of_file, of_golden

    if file is not None and golden:
        wrong("name a file or --golden, not both")
    if gate and against is None:
        wrong("--gate needs --against REPORT.json: a report that --json wrote before")
    if file is None and answers:
        wrong("--answers needs the tickets that were answered: strata eval FILE.jsonl --answers ANSWERS.jsonl")
    if engine in MODELS and file is None and data is None:
        wrong(f"--engine {engine} needs labelled tickets: strata eval FILE.jsonl, or --golden --data DIR")
    if prompt and engine not in MODELS:
        wrong(f"--prompt needs an engine that asks a model: --engine {MODELS[0]}")
    try:
        found = settings()
        asked_with = _prompts(prompt or []) if engine in MODELS and not answers else None
        with open_analyst(found, engine, asked_with) as analyst:
            report = (
                of_file(found, analyst, file, answers or [], target, tell)
                if file
                else of_golden(found, analyst, data, tell)
            )
        report = report.model_copy(update={"prompts": asked_with.marked}) if asked_with else report
        judgement = compared(against, report, tolerance) if against else None
    except StrataError as error:
        wrong(str(error))
    _show(report, judgement, out, page)
    if (gate and judgement is not None and not judgement.passed) or report.bad_lines:
        raise typer.Exit(REFUSED)


@evaluate.command()
def grow(
    *,
    out: Annotated[Path, typer.Option(help="The file of cases; what stands in it is kept and renewed.")] = CASES,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make an evaluation case of each correction in the record: redacted, with its reason, for `strata eval FILE`.

    A correction is an edit that was approved, or a rejection as wrong layer, kind or owner. Cases of tickets that were
    erased on request are taken out. Exit 2 when the file cannot be used.
    """
    from bot.evaluation.growing import BadCaseFile

    try:
        found = asyncio.run(_grown(settings(), out, dry_run=dry_run))
    except BadCaseFile as error:
        wrong(str(error))
    if as_json:
        sys.stdout.write(found.model_dump_json() + "\n")
        return
    said = f"{found.new} new cases, {found.renewed} renewed, {found.cases} in {out}"
    left = f"{found.silent} corrections say nothing to measure, {found.aged} aged out, {found.erased} erased"
    sys.stdout.write(f"{'Dry run: ' if dry_run else ''}{said}; {left}.\n")


async def _grown(found: Settings, out: Path, *, dry_run: bool) -> Grown:
    from bot.bootstrap import open_core
    from bot.evaluation.growing import grow as growing

    async with open_core(found) as core:
        people = {SlackUserId(one.slack): one.id for one in core.policies.owners if one.slack}

        def decider(user: SlackUserId) -> str:
            return people.get(user, "an approver")

        return await growing(core.record, out, lambda text: core.redactor.redact(text).text, decider, dry_run=dry_run)


def _prompts(drafts: list[str]) -> Prompts:
    from graphs.agent.prompting import PLACES, Prompts

    pairs = dict(one.partition("/")[::2] for one in drafts)
    if unknown := set(pairs) - set(PLACES):
        wrong(f"there is no prompt {min(unknown)!r}: write one of {', '.join(PLACES)}, such as triage/v2")
    return Prompts.active(pairs)


def _show(report: Report, judgement: Judgement | None, out: Path | None, page: Path | None) -> None:
    from bot.evaluation.page import evaluation_page
    from bot.evaluation.summary import evaluation_lines

    write(out, report.model_dump_json(indent=1) + "\n")
    if page is not None:
        write(page, evaluation_page(report, judgement))
    stream = sys.stderr if out == Path("-") else sys.stdout
    stream.write("\n".join(evaluation_lines(report, judgement)) + "\n")


def write(path: Path | None, text: str) -> None:
    """Into a file, to standard output for `-`, nowhere for None; exit 2 where that cannot be."""
    if path is None:
        return
    if path == Path("-"):
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        wrong(f"{path} cannot be written: {error.strerror}")


def tell(line: str) -> None:
    sys.stderr.write(f"strata: {line}\n")
    sys.stderr.flush()


def wrong(why: str) -> NoReturn:
    tell(why)
    raise typer.Exit(WRONG)
