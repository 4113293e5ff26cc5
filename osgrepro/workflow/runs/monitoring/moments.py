"""The queue at one moment: what several steps of a verb ask is asked once, and is the same for all.

Made with the folder's lock, before the folder is looked at: whatever ends later has its result in
the folder by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from osgrepro.pool.condor import LiveCluster
from osgrepro.workflow.runs.journal import Queue


class Moment:
    """A ``Queue`` that remembers what it was asked of a campaign."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._known: dict[str, tuple[Mapping[str, LiveCluster], tuple[int, ...]]] = {}

    @property
    def takes_common_input(self) -> bool:
        """Whether it stages inputs once for each execution point and cluster."""
        return self._queue.takes_common_input

    def submit(self, description: str, count: int) -> int:
        """Submit a description; what is remembered stays as it was before."""
        return self._queue.submit(description, count)

    def live(self, batches: Iterable[str]) -> Mapping[str, LiveCluster]:
        """Return the clusters of ``batches`` that are in the queue now."""
        return self._queue.live(batches)

    def of_campaign(self, campaign: str) -> Mapping[str, LiveCluster]:
        """Return the clusters of a campaign that were in the queue, by batch."""
        return self.all_of_campaign(campaign)[0]

    def dags(self, campaign: str) -> tuple[int, ...]:
        """Return the clusters of DAGMan that were to submit runs of a campaign."""
        return self.all_of_campaign(campaign)[1]

    def all_of_campaign(self, campaign: str) -> tuple[Mapping[str, LiveCluster], tuple[int, ...]]:
        """Return both of these."""
        if campaign not in self._known:
            self._known[campaign] = self._queue.all_of_campaign(campaign)
        return self._known[campaign]
