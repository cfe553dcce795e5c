"""How long it takes to stop with streams open."""

from __future__ import annotations

import math
from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.load.client import Reading
from bench.processes import STOP_SECONDS
from bench.stage import Stage

_STREAMS: Final = 100


class Stopping(Figure):
    """SIGTERM while 100 streams are read."""

    name = "stopping"
    title = "Stopping with 100 streams open"
    how = (
        f"From SIGTERM to the end of all its processes, at most {STOP_SECONDS} s; each as it ships."
    )
    quantities = (Quantity("stop_s", "seconds to stop", digits=2),)

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        reading = Reading("gap=20000", streams=_STREAMS, warm=500)
        with stage.reading(stage.targets(_STREAMS), reading) as client:
            client.result()
            with stage.observed(client) as observation:
                seconds = stage.proxy.stop()
        return Measurement({"stop_s": math.inf if seconds is None else seconds}, observation)
