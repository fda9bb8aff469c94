"""Running one step of the set-up and, when it fails, saying what a person can do about it.

Owns how commands are started and how their failures are told. Must not know what is installed.
"""

# ruff: noqa: S603, INP001  # it starts programs by design, and it is part of a script, not of the package

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
VENV: Final = ROOT / ".venv"
CACHE: Final = VENV / "cache"

UNREACHABLE: Final = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "Temporary failure in name resolution",
    "dns error",
    "error sending request",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
)
ALTERED: Final = ("DO NOT MATCH THE HASHES", "Hash mismatch", "EINTEGRITY")
UNTRUSTED: Final = ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer", "UNABLE_TO_GET_ISSUER")


class SetupError(Exception):
    """Something the person at the keyboard has to do; the text says what."""


def say(text: str) -> None:
    """To stderr: stdout belongs to the command that needed this environment."""
    sys.stderr.write(f"strata: {text}\n")
    sys.stderr.flush()


def digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def run(*command: str | Path, **environment: str) -> None:
    """Quietly; on failure the output is shown, and the message says the likely cause."""
    # pip asks rustc for its version; where that is rustup's stand-in, asking alone would write into the home folder.
    inherited = {"RUSTUP_HOME": str(CACHE / "rustup")} | os.environ
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=inherited | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)


def output_of(error: subprocess.CalledProcessError) -> str:
    return f"{error.stdout}{error.stderr}"


def explained(what: str, error: subprocess.CalledProcessError) -> SetupError:
    output = output_of(error)
    tail = "\n".join(output.strip().splitlines()[-15:])
    if any(sign in output for sign in ALTERED):
        why = "a file is not the one that was locked, and was not installed; find out who changed it before going on"
    elif any(sign in output for sign in UNTRUSTED):
        why = (
            "the package index shows a certificate that is not trusted here; point SSL_CERT_FILE, PIP_CERT and "
            "NODE_EXTRA_CA_CERTS to your organisation's certificates"
        )
    elif any(sign in output for sign in UNREACHABLE):
        why = "the package index cannot be reached; check the network or the proxy, then run the same command again"
    else:
        why = (
            f"see above; where a wheel for Python {sys.version_info[0]}.{sys.version_info[1]} is missing, "
            "name another: make setup PYTHON=python3.12"
        )
    return SetupError(f"{tail}\nstrata: {what} failed: {why}")
