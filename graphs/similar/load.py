"""How fast and how large the index is: `python -m graphs.similar.load` prints JSON for made-up tickets.

Owns the made-up corpus (words by Zipf's law, from a fixed seed) and the clockwork. What it finds means nothing.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator

import numpy as np

from graphs.model import Millis, Value
from graphs.similar.index import Entry, SimilarTickets

SEED = 20
VOCABULARY = 400_000
ZIPF = 1.15
WORDS = 170
"""Words of a ticket: about 1,200 characters, the mean of real issues."""
_MIB = 1024


class Load(Value):
    """Of one call on one thread: wall time, and processor time for when the machine is busy with other things."""

    seed: int
    tickets: int
    add_ms_mean: float
    fit_s_longest: float
    """The longest a search had to wait because the vectors were learnt anew."""
    find_ms_p50: float
    find_ms_p99: float
    find_cpu_ms_p50: float
    find_cpu_ms_p99: float
    add_ms_p99: float
    index_mib: float
    """Growth of the process's highest resident memory."""
    process_mib: float


def tickets(count: int) -> Iterator[Entry]:
    """Made-up tickets, always the same ones."""
    random = np.random.default_rng(SEED)
    for number in range(count):
        size = max(20, int(random.lognormal(np.log(WORDS), 0.7)))
        words = [f"w{rank % VOCABULARY}" for rank in random.zipf(ZIPF, size)]
        body = " ".join(words)
        yield Entry(key=f"T{number}", title=" ".join(words[3:11]), body=body, at=Millis(number * 60_000))


def measure(count: int, questions: int) -> Load:
    """Fills an index, then asks and adds in turn."""
    before = _highest()
    index, adding, fits = SimilarTickets(), 0.0, [0.0]
    asked: list[Entry] = []
    for entry in tickets(count + questions):
        if len(index) == count:
            asked.append(entry)
            continue
        started = time.perf_counter()
        index.add(entry)
        adding += time.perf_counter() - started
        if len(index) & (len(index) - 1) == 0 or len(index) == count:
            started = time.perf_counter()
            index.find(entry)
            fits.append(time.perf_counter() - started)
    finding, used, adds = [], [], []
    for entry in asked:
        started, before_cpu = time.perf_counter(), time.thread_time()
        index.find(entry)
        used.append(1000 * (time.thread_time() - before_cpu))
        finding.append(1000 * (time.perf_counter() - started))
        started = time.perf_counter()
        index.add(entry)
        adds.append(1000 * (time.perf_counter() - started))
    return Load(
        seed=SEED,
        tickets=len(index),
        add_ms_mean=round(1000 * adding / count, 3),
        fit_s_longest=round(max(fits), 2),
        find_ms_p50=round(float(np.percentile(finding, 50)), 1),
        find_ms_p99=round(float(np.percentile(finding, 99)), 1),
        find_cpu_ms_p50=round(float(np.percentile(used, 50)), 1),
        find_cpu_ms_p99=round(float(np.percentile(used, 99)), 1),
        add_ms_p99=round(float(np.percentile(adds, 99)), 1),
        index_mib=round(_highest() - before, 1),
        process_mib=round(_highest(), 1),
    )


def _highest() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIB


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures memory and latency of the index of similar tickets.")
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=1_000)
    chosen = parser.parse_args()
    sys.stdout.write(measure(chosen.tickets, chosen.questions).model_dump_json(indent=2) + "\n")


if __name__ == "__main__":
    main()
