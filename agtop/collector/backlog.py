"""What is to be read when agtop starts: by this process, or by two."""

from __future__ import annotations

from collections.abc import Sequence

from agtop.collector.transcripts import LONG_HISTORY, Transcripts
from agtop.collector.worker import Job, Worker, may_fork

_PATIENCE = 0.05
"""Seconds to wait for the worker at a time, once there is nothing left to be taken."""


class Backlog:
    """Shares the settled transcripts of a long history with a worker, until all are read."""

    def __init__(self, transcripts: Sequence[Transcripts]) -> None:
        self._transcripts = {each.agent.name: each for each in transcripts}
        self._worker: Worker | None = None

    def begin(self) -> None:
        """Start a worker if there is enough for two."""
        settled = [
            (rank, Job(each.agent.name, rank[2], sparsely), size)
            for each in self._transcripts.values()
            for rank, size, sparsely in each.settled()
        ]
        if sum(size for _, _, size in settled) < LONG_HISTORY or not may_fork():
            return
        settled.sort(reverse=True)
        jobs = [job for _, job, _ in settled]
        scans = {
            name: each.agent.scan
            for name, each in self._transcripts.items()
            if each.agent.scan is not None
        }
        try:
            self._worker = Worker(jobs, scans)
        except OSError:
            return  # no process or pipe to be had: one reads everything
        for name, each in self._transcripts.items():
            each.share([job.path for job in self._worker.jobs if job.agent == name])

    def read_one(self, now: float) -> bool:
        """Take in one transcript, or what the worker has read; False when all are read."""
        worker = self._worker
        if worker is None:
            return False
        self._take(worker, now, 0.0)
        job = worker.next() if worker.is_at_work else None
        if job is not None:
            self._transcripts[job.agent].read_shared(job.path, now)
        elif worker.is_at_work:
            self._take(worker, now, _PATIENCE)
        else:
            self._worker = None
            for job in worker.left():
                self._transcripts[job.agent].read_shared(job.path, now)
        return True

    def close(self) -> None:
        """Leave no process behind."""
        if self._worker is not None:
            self._worker.close()

    def _take(self, worker: Worker, now: float, patience: float) -> None:
        for job, scanned in worker.results(patience):
            self._transcripts[job.agent].take_shared(job.path, scanned, now)
