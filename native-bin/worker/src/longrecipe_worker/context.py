"""What every job gets beside its job file."""

from __future__ import annotations

from dataclasses import dataclass

from .events import EventLog
from .interrupts import Interrupts


@dataclass(frozen=True)
class Context:
    """Where a job reports to, and what may ask it to end."""

    events: EventLog
    interrupts: Interrupts
