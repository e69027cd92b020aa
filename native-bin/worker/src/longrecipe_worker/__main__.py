"""`python -m longrecipe_worker JOB.json`: runs one job to its end. Exit codes: workerExit in src/protocol/jobs.ts."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from pathlib import Path

from .context import Context
from .events import EventLog
from .faults import EXIT_BAD_INPUT, EXIT_DONE, EXIT_INTERRUPTED, Fault, Interrupted, classify
from .interrupts import Interrupts
from .job import Job, read_job

log = logging.getLogger("longrecipe_worker")


def main(arguments: list[str]) -> int:
    """Run the job file named by the only argument; returns the exit code."""
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s %(message)s")
    # The event file carries progress; bars would only fill the log.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "warning")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    if len(arguments) != 1:
        print("usage: python -m longrecipe_worker JOB.json", file=sys.stderr)
        return EXIT_BAD_INPUT
    try:
        job = read_job(Path(arguments[0]))
    except Fault as fault:
        print(f"{fault.message} {fault.remedy}", file=sys.stderr)
        return fault.exit_code
    return _run(job)


def _run(job: Job) -> int:
    events: EventLog | None = None
    try:
        events = EventLog(job["events"], enabled=os.environ.get("RANK", "0") == "0")
        interrupts = Interrupts(job["control"], job.get("parentPid"))
        interrupts.catch_signals()
        interrupts.check()
        _hide_progress_bars()
        importlib.import_module(f".jobs.{job['kind']}", __package__).run(job, Context(events, interrupts))
        events.flush()
        return EXIT_DONE
    except Interrupted as reason:
        _tell(events, "log", level="info", message=f"Ended because {reason}; starting the same job again goes on.")
        return EXIT_INTERRUPTED
    except Exception as error:
        fault = classify(error)
        log.exception(fault.message)
        _tell(events, "error", code=fault.code, message=fault.message, remedy=fault.remedy)
        return fault.exit_code


def _hide_progress_bars() -> None:
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()


def _tell(events: EventLog | None, kind: str, **fields: str) -> None:
    """Emit the last event. Where even that has no room on the disk, the log and the exit code remain."""
    try:
        if events is not None:
            events.flush()
            events.emit(kind, **fields)
    except OSError as error:
        log.error("the last event could not be written: %s: %s", fields, error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
