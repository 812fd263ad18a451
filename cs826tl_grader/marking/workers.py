"""Workers on this machine, each a process of its own: one that dies takes nobody else's marks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from joblib.externals.loky.process_executor import ProcessPoolExecutor

ATTEMPTS = 2  # at one task: what ended its worker may have been that memory ran out for a moment


def done_here(
    jobs: int,
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    lost: Callable[..., Any],
) -> Iterator[Any]:
    """Have workers call a function with each tuple of arguments, and yield answers.

    They come in the order in which they are done. What a worker did when it died is done again by
    another; if that dies too, what `lost` returns is yielded in place of an answer. What the
    function raises is raised.
    """
    new = partial(ProcessPoolExecutor, max_workers=1)  # of several, the death of one ends all
    left = deque((task, ATTEMPTS) for task in tasks)
    idle = [new() for _ in range(min(jobs, len(tasks)))]
    busy: dict[Any, tuple[Any, tuple[Any, ...], int]] = {}
    try:
        while left or busy:
            while left and idle:
                worker, (task, attempts) = idle.pop(), left.popleft()
                busy[worker.submit(function, *task)] = worker, task, attempts
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                worker, task, attempts = busy.pop(future)
                died = isinstance(future.exception(), BrokenProcessPool)
                if died:
                    worker.shutdown(kill_workers=True)
                idle.append(new() if died else worker)
                if not died:
                    yield future.result()
                elif attempts > 1:
                    left.appendleft((task, attempts - 1))
                else:
                    yield lost(*task)
    finally:
        for worker in (*idle, *(worker for worker, *_ in busy.values())):
            worker.shutdown(kill_workers=True)
