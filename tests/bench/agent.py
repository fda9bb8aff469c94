"""What one decision of the gate takes: `python -m tests.bench.agent` prints JSON. The agent itself: `strata bench`."""

from __future__ import annotations

import json
import time

from graphs.acts import AGENT, Action
from tests.graphs.doubles import GATE
from tests.graphs.gate_cases import READ, TICKET


def decision_p99(times: int) -> float:
    """Milliseconds of processor time of one decision of the gate: what else the machine does is not counted."""
    took = []
    for _ in range(times):
        began = time.thread_time()
        GATE.check(AGENT, Action.READ_TICKET, TICKET, READ)
        took.append((time.thread_time() - began) * 1_000)
    return sorted(took)[max(0, round(0.99 * len(took)) - 1)]


if __name__ == "__main__":
    print(json.dumps({"decision_cpu_p99_ms": decision_p99(20_000)}, indent=1))  # noqa: T201  # its output
