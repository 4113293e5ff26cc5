"""The access point's queue: submit a cluster, find it again, see where its jobs are, remove it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import htcondor2

from osgrepro.common.errors import PoolError
from osgrepro.pool.condor.actions import ACTIONS, PAST, any_of
from osgrepro.pool.condor.configuration import configure
from osgrepro.pool.condor.live import HELD, PROJECTION, LiveCluster, clusters
from osgrepro.pool.condor.translation import translated

_COMMON_INPUT_SINCE = (25, 14)
_NO_EPOCHS = "JOB_EPOCH_HISTORY undefined"


class Schedd:
    """An access point that answers; made by :func:`connect`."""

    def __init__(self, location: Any) -> None:
        self._schedd = htcondor2.Schedd(location)
        self.name = str(location.get("Name", "local"))
        self.version = _version(str(location.get("CondorVersion", "")))

    @property
    def takes_common_input(self) -> bool:
        """Whether it stages inputs once for each execution point and cluster."""
        return self.version >= _COMMON_INPUT_SINCE

    def ping(self) -> None:
        """Ask the queue for nothing.

        Raises
        ------
        PoolError
            If it does not answer, or does not know us.
        """
        with translated("the access point does not answer"):
            self._schedd.query("false", ["ClusterId"], limit=1)

    def submit(self, description: str, count: int) -> int:
        """Submit a description and return its cluster id.

        Parameters
        ----------
        description : str
            With a queue statement whose items file has an absolute path.
        count : int
            How many jobs it must make; with any other number the cluster is removed again.

        Raises
        ------
        PoolError
            If the access point refuses it.
        """
        with translated("the submission was refused"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unused lines; the texts are checked by tests
            result = self._schedd.submit(htcondor2.Submit(description))
        cluster = int(result.cluster())
        if result.num_procs() != count:
            self.remove([cluster], "osgrepro: the items file was not read as it was written")
            raise PoolError(f"cluster {cluster} has {result.num_procs()} jobs instead of {count}")
        return cluster

    def live(self, batches: Iterable[str]) -> dict[str, LiveCluster]:
        """Return the clusters of ``batches`` that are in the queue, by batch, in one query."""
        wanted = set(batches)
        if not wanted:
            return {}
        listed = ", ".join(f'"{batch}"' for batch in sorted(wanted))
        constraint = f"member(OsgreproBatch, {{{listed}}})"
        return clusters(self.ads(constraint, PROJECTION))

    def of_campaign(self, campaign: str) -> dict[str, LiveCluster]:
        """Return our clusters of the campaign of that name, by batch, whoever remembers them.

        Raises
        ------
        PoolError
            If the queue can't be read.
        """
        return self.all_of_campaign(campaign)[0]

    def dags(self, campaign: str) -> tuple[int, ...]:
        """Return our clusters of DAGMan that submit runs of the campaign of that name, sorted.

        Raises
        ------
        PoolError
            If the queue can't be read.
        """
        return self.all_of_campaign(campaign)[1]

    def all_of_campaign(self, campaign: str) -> tuple[dict[str, LiveCluster], tuple[int, ...]]:
        """Return :meth:`of_campaign` and :meth:`dags`, of one query.

        Raises
        ------
        PoolError
            If the queue can't be read.
        """
        options = htcondor2.QueryOpt.IncludeClusterAd | htcondor2.QueryOpt.DefaultMyJobsOnly
        constraint = (
            f'OsgreproCampaign == "{campaign}" && '
            "(OsgreproBatch =!= undefined || OsgreproDag =!= undefined)"
        )
        with translated("the queue can't be read"):
            ads = list(self._schedd.query(constraint, [*PROJECTION, "OsgreproDag"], opts=options))
        dags = {int(ad["ClusterId"]) for ad in ads if "OsgreproDag" in ad}
        return clusters(ad for ad in ads if "OsgreproBatch" in ad), tuple(sorted(dags))

    def ads(self, constraint: str, projection: list[str]) -> list[Any]:
        """Return what the queue says of the jobs that match, and of their clusters' rows to come.

        Raises
        ------
        PoolError
            If it can't be read.
        """
        with translated("the queue can't be read"):
            return list(
                self._schedd.query(constraint, projection, opts=htcondor2.QueryOpt.IncludeClusterAd)
            )

    def history(self, constraint: str, projection: list[str], limit: int) -> list[Any]:
        """Return the last ``limit`` jobs that match and have left the queue, the newest first.

        Raises
        ------
        PoolError
            If there is no history, or we may not read it.
        """
        with translated("the history of jobs can't be read"):
            return list(self._schedd.history(constraint, projection, match=limit))

    def stagings(self, constraint: str, projection: list[str]) -> list[Any] | None:
        """Return each staging of common files that matches; None where they are not recorded.

        Raises
        ------
        PoolError
            If they are recorded, and we may not read that.
        """
        if not self.takes_common_input:
            return None
        with translated("the history of transfers can't be read"):
            try:
                records = self._schedd.jobEpochHistory(constraint, projection, ad_type=["COMMON"])
            except htcondor2.HTCondorException as error:
                if _NO_EPOCHS in str(error):
                    return None
                raise
        return list(records)

    def act(self, verb: str, jobs: Iterable[str], reason: str, *, held: bool = False) -> None:
        """Hold, release or remove jobs (``cluster.proc``) or whole clusters (``cluster``).

        Those that have left the queue meanwhile are no fault. With ``held`` those are left alone
        that are not held any more.

        Raises
        ------
        PoolError
            If the access point refuses.
        """
        constraint = any_of(jobs)
        if constraint and held:
            constraint = f"({constraint}) && JobStatus == {HELD}"
        if constraint:
            with translated(f"the jobs can't be {PAST[verb]}"):
                self._schedd.act(ACTIONS[verb], constraint, reason=(reason, 0))

    def remove(self, clusters: Iterable[int], reason: str) -> None:
        """Remove clusters from the queue; those that are not there are no fault."""
        constraint = " || ".join(f"ClusterId == {cluster}" for cluster in clusters)
        if constraint:
            with translated("the jobs can't be removed"):
                action = htcondor2.JobAction.Remove
                self._schedd.act(action, constraint, reason=(reason, 0))


def connect(config: Path | None = None) -> Schedd:
    """Return the access point's queue.

    Parameters
    ----------
    config : Path or None
        The configuration of a pool's client; None takes the machine's own.

    Raises
    ------
    PoolError
        If there is none, or it does not answer.
    """
    configure(config)
    with translated("no access point was found on this machine"):
        schedd = Schedd(htcondor2.Collector().locate(htcondor2.DaemonType.Schedd))
    schedd.ping()
    return schedd


def _version(text: str) -> tuple[int, ...]:
    match = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, match.groups())) if match else (0,)
