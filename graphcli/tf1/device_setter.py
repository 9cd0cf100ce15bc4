"""Devices of programs of many workers: variables on parameter servers, all else on a worker (tf.train)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph import devices
from ..graph.graph import Node

EXPORTS = """
train: replica_device_setter ClusterSpec
"""

PS_OPS = ("Variable", "VariableV2", "AutoReloadVariable", "MutableHashTable", "MutableHashTableV2",
          "MutableHashTableOfTensors", "MutableHashTableOfTensorsV2", "MutableDenseHashTable",
          "MutableDenseHashTableV2",
          "VarHandleOp", "BoostedTreesEnsembleResourceHandleOp", "BoostedTreesQuantileStreamResourceHandleOp",
          "ResourceConditionalAccumulator", "DecisionTreeResource")
"""The op types that stand on parameter servers."""


class ClusterSpec:
    """The tasks of each job and their addresses (tf.train.ClusterSpec). It names them; one process runs a graph here.

    cluster: another one, or job -> list of addresses, or -> mapping of task numbers to addresses. Raises InvalidType
    for others.
    """

    def __init__(self, cluster: Any) -> None:
        given = cluster.as_dict() if isinstance(cluster, ClusterSpec) else cluster
        if not isinstance(given, Mapping):
            raise InvalidType("`cluster` must be a dictionary mapping one or more job names to lists of network "
                              "addresses, or a `ClusterDef` protocol buffer")
        self._jobs: dict[str, dict[int, str]] = {}
        for job, tasks in given.items():
            if isinstance(tasks, (list, tuple)):
                tasks = dict(enumerate(tasks))
            if not isinstance(tasks, Mapping):
                raise InvalidType(f"The tasks for job {job!r} must be a list or a dictionary from integers to strings.")
            if not all(isinstance(i, int) for i in tasks) or not all(isinstance(a, str) for a in tasks.values()):
                raise InvalidType(f"The tasks of job {job!r} are numbers and their addresses strings, "
                                  f"not {said(tasks)}")
            self._jobs[job] = dict(tasks)

    def as_dict(self) -> dict[str, Any]:
        """Job -> addresses: a list where the tasks are 0 and on."""
        return {job: [tasks[i] for i in range(len(tasks))] if sorted(tasks) == list(range(len(tasks))) else dict(tasks)
                for job, tasks in self._jobs.items()}

    @property
    def jobs(self) -> list[str]:
        return list(self._jobs)

    def _tasks(self, job_name: str) -> dict[int, str]:
        if job_name not in self._jobs:
            raise InvalidValue(f"No such job in cluster: {job_name!r}")
        return self._jobs[job_name]

    def num_tasks(self, job_name: str) -> int:
        return len(self._tasks(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        return sorted(self._tasks(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        tasks = self._tasks(job_name)
        if task_index not in tasks:
            raise InvalidValue(f"No task with index {task_index!r} in job {job_name!r}.")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        tasks = self._tasks(job_name)
        return [tasks.get(i) for i in range(max(tasks, default=-1) + 1)]

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"ClusterSpec({self.as_dict()!r})"


def replica_device_setter(ps_tasks: int = 0, ps_device: str = "/job:ps", worker_device: str = "/job:worker",
                          merge_devices: bool = True, cluster: Any = None, ps_ops: Sequence[str] | None = None,
                          ps_strategy: Callable[[Node], int] | None = None) -> Callable[[Node], str] | None:
    """A function for ``tf.device`` that puts variables on the parameter servers by turns, all else on the worker
    (tf.train.replica_device_setter); None without parameter servers.

    cluster: whose tasks of the job of ``ps_device`` count. merge_devices: what an op's own device says comes first,
    what it leaves open is added. ps_strategy: the task of an op. Raises InvalidType for what is no cluster or function.
    """
    if cluster is not None:
        jobs = ClusterSpec(cluster).as_dict()
        job = devices.parse(ps_device).job
        if not jobs.get(job or ""):
            return None
        ps_tasks = len(jobs[job or ""])
    if ps_tasks == 0:
        return None
    wanted = PS_OPS if ps_ops is None else tuple(ps_ops)
    turn = -1

    def by_turns(op: Node) -> int:
        nonlocal turn
        turn = (turn + 1) % ps_tasks
        return turn

    strategy = by_turns if ps_strategy is None else ps_strategy
    if not callable(strategy):
        raise InvalidType("ps_strategy must be callable")
    servers, worker = devices.parse(ps_device), devices.parse(worker_device or "")

    def device_function(op: Node) -> str:
        if not merge_devices and op.device:
            return op.device
        own = devices.parse(op.device or "")
        if ps_device and op.type in wanted:
            place = servers
            if place.job and own.job in (None, place.job):
                place = place.replace(task=strategy(op))
            return str(place.merged(own))
        return str(worker.merged(own))

    return device_function
