"""Who used the processor during a run: the client's process, the server's, or somebody else."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from rtlab import clock

_BUSY = ("user", "nice", "system", "irq", "softirq", "steal")
"""Time that somebody had; ``steal`` went to other machines on the same hardware."""


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Processor time, as it stood at one instant or as it was used between two.

    Attributes:
        own_ns: Of this process.
        server_ns: Of the server's process; None if there is no other.
        machine_ns: Of everybody on all cores, what a hypervisor took included.
        at_ns: The instant, or the time between the two.
    """

    own_ns: int
    server_ns: int | None
    machine_ns: int
    at_ns: int

    def since(self, before: ProcessorTime) -> ProcessorTime:
        """Tell what was used since an earlier instant."""
        both = self.server_ns is not None and before.server_ns is not None
        return ProcessorTime(
            self.own_ns - before.own_ns,
            (self.server_ns or 0) - (before.server_ns or 0) if both else None,
            self.machine_ns - before.machine_ns,
            self.at_ns - before.at_ns,
        )

    def others_ns(self, part_ns: int) -> int:
        """Tell what everybody else had in a part of the time, if they worked evenly; counters tick every 10 ms.

        Args:
            part_ns: The part that counts, such as a run without its preparation.
        """
        theirs_ns = self.machine_ns - self.own_ns - (self.server_ns or 0)
        return max(0, theirs_ns) * part_ns // max(1, self.at_ns)


def processor_time(server_pid: int | None) -> ProcessorTime:
    """Read the counters.

    Args:
        server_pid: The server's process; None if it is this one.
    """
    times = psutil.cpu_times()
    machine_s = sum(getattr(times, name, 0.0) for name in _BUSY)
    return ProcessorTime(clock.cpu_ns(), _used_ns(server_pid), round(machine_s * 1e9), clock.now_ns())


def machine_cores() -> int:
    """Count the logical processors of the machine, also those that this process may not use."""
    return psutil.cpu_count() or 1


def _used_ns(pid: int | None) -> int | None:
    if pid is None:
        return None
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:  # it has just ended; whoever asks it something will say so
        return None
    return round((times.user + times.system) * 1e9)
