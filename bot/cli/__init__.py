"""`strata`: one file for each command. To add one: a file here and a line below.

Exit codes, for every command:

    0    done
    1    it ran, and the answer is no (the demo's story came out wrong, the ticket cannot be read ...)
    2    the call or the settings are wrong; the message says what to mend
    3    a service that is needed cannot be reached
    130  interrupted
"""

from __future__ import annotations

import sys

import typer

from bot.cli import (
    audit,
    backtest,
    bench,
    classify,
    costs,
    demo,
    doctor,
    duplicates,
    evaluate,
    forget,
    health,
    incidents,
    jobs,
    labels,
    manifest,
    memory,
    migrate,
    owners,
    pause,
    policy,
    prompts,
    redteam,
    roles,
    sweep,
    train,
    triage,
    undo,
)
from bot.cli.exits import INTERRUPTED, REFUSED, UNREACHABLE, WRONG
from bot.settings import BadSetting
from graphs.errors import EngineUnavailable, Outage, StrataError
from policies.problems import PolicyError
from prompts.loader import PromptError

HELP = (
    "Proposes a layer, labels and an owner for each new ticket, asks a person in Slack, and writes what they approve."
)

app = typer.Typer(help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True)
app.command("run")(roles.run)
app.command("web")(roles.web)
app.command("worker")(roles.worker)
app.command("executor")(roles.executor)
app.command("scheduler")(roles.scheduler)
app.command("sweep")(sweep.sweep)
app.command("pause")(pause.pause)
app.command("resume")(pause.resume)
app.command("triage")(triage.triage)
app.command("undo")(undo.undo)
app.add_typer(jobs.jobs, name="jobs")
app.command("demo")(demo.demo)
app.command("classify")(classify.classify)
app.command("costs")(costs.costs)
app.command("bench")(bench.bench)
app.add_typer(evaluate.evaluate, name="eval")
app.command("backtest")(backtest.backtest)
app.command("redteam")(redteam.redteam)
app.command("migrate")(migrate.migrate)
app.command("doctor")(doctor.doctor)
app.command("manifest")(manifest.manifest)
app.command("forget")(forget.forget)
app.add_typer(audit.audit, name="audit")
app.add_typer(incidents.incidents, name="incidents")
app.add_typer(labels.labels, name="labels")
app.add_typer(memory.memory, name="memory")
app.add_typer(owners.owners, name="owners")
app.add_typer(duplicates.duplicates, name="duplicates")
app.add_typer(policy.policy, name="policy")
app.add_typer(prompts.prompts, name="prompts")
app.command("train")(train.train)
app.command("health")(health.health)


def main() -> None:
    """Runs a command; every expected error ends in a sentence and a documented code, never in a traceback."""
    try:
        app()
    except (KeyboardInterrupt, EOFError):
        _end("interrupted", INTERRUPTED)
    except (PolicyError, PromptError, BadSetting) as error:
        _end(str(error), WRONG)
    except (Outage, EngineUnavailable) as error:
        _end(str(error), UNREACHABLE)
    except StrataError as error:
        _end(str(error), REFUSED)


def _end(message: str, code: int) -> None:
    sys.stderr.write(f"strata: {message}\n")
    sys.exit(code)
