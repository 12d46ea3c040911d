"""Verify many records in several processes; the results come in reading order, each as soon as it can."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.identity import Identity, Verdict


@dataclass(frozen=True)
class Outcome:
    """A record, what its verification said, and how long that took in seconds."""

    identity: Identity
    verdict: Verdict
    seconds: float

    @property
    def recomputes(self) -> bool:
        """Whether the verdict is the claim; a refuted record that is refuted recomputes."""
        return self.verdict.status == self.identity.claim


def verify_all(labels: Sequence[str], jobs: int = 1) -> Generator[Outcome, None, None]:
    """Verify the records with these labels, `jobs` at a time.

    Parameters
    ----------
    labels : sequence of str
        Labels of the catalogue.
    jobs : int
        Number of processes; 1 verifies in this one.

    Yields
    ------
    Outcome
        In the order of `labels`. Closing the iterator, or an interrupt, stops the processes at once.

    Raises
    ------
    KeyError
        If there is no record with such a label; near ones are named.

    Examples
    --------
    >>> [outcome.recomputes for outcome in verify_all(["sobolev.at-zero"])]
    [True]
    """
    records = [identities[label] for label in labels]
    if jobs == 1 or len(records) < 2:
        yield from map(_verify, labels)
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(min(jobs, len(records)), initializer=_leave_interrupts_to_the_parent)
    finished = False
    try:
        # Not pool.map: it cancels what is left, which a pool whose processes were stopped answers with a traceback.
        futures = [pool.submit(_timed, label) for label in labels]
        for record, future in zip(records, futures, strict=True):
            yield Outcome(record, *future.result())
        finished = True
    finally:
        if not finished:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
        pool.shutdown()


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _timed(label: str) -> tuple[Verdict, float]:
    # The label crosses to the worker and the verdict back: oracles and proofs do not pickle.
    start = time.perf_counter()
    verdict = identities[label].verify()
    return verdict, time.perf_counter() - start


def _verify(label: str) -> Outcome:
    return Outcome(identities[label], *_timed(label))
