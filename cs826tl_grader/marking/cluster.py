"""A Dask cluster whose workers mark submissions: who may reach it, and what a lost one says.

Whoever reaches a scheduler or a worker can have it run any code. So each must listen on loopback
only, or speak TLS, which lets nobody in without a certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from distributed import Client, Future

WAIT = 60  # seconds without a worker, after which none is expected
GO_ON = "what is marked is kept; start the cluster, and run the same command again"


def done_at(
    address: str,
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    lost: Callable[..., Any],
) -> Iterator[Any]:
    """Have the cluster's workers call a function with each tuple of arguments, and yield answers.

    They come in the order in which they are done. A worker that dies is replaced by another, and
    what it did is done again, as often as Dask allows (`distributed.scheduler.allowed-failures`),
    and then once more with nothing else beside it; if workers still die, what `lost` returns is
    yielded in place of an answer. TLS is set up in Dask's own configuration
    (`distributed.comm.tls`). Looked at are the scheduler and the workers that are there at the
    start: a worker that joins later is not.

    Raises ValueError for a cluster that strangers may reach, and ConnectionError where there is
    none, where it has no worker or loses its last one, or where its scheduler is lost on the way.
    """
    from distributed.client import FutureCancelledError, FuturesCancelledError
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker

    with _connected(address) as client:
        futures = {client.submit(function, *task, pure=False): task for task in tasks}
        suspects = []
        try:
            for future in _completed(client, set(futures)):
                try:
                    answer = future.result()
                except KilledWorker:  # or it only waited where another task did it
                    suspects.append(futures[future])
                else:
                    yield answer
            for task in suspects:
                (future,) = _completed(client, {client.submit(function, *task, pure=False)})
                try:
                    answer = future.result()
                except KilledWorker:
                    answer = lost(*task)
                yield answer
        except (FutureCancelledError, FuturesCancelledError, CommClosedError) as error:
            raise ConnectionError(f"the Dask scheduler at {address} is lost: {GO_ON}") from error


def _completed(client: Client, pending: set[Future[Any]]) -> Iterator[Future[Any]]:
    """Yield futures as they are done; where no worker is left, Dask itself would wait for ever."""
    from distributed import wait

    while pending:
        try:
            done = wait(pending, timeout=WAIT, return_when="FIRST_COMPLETED").done  # type: ignore[no-untyped-call]
        except TimeoutError:
            try:  # a nanny does not replace a worker that dies while it starts
                client.wait_for_workers(1, timeout=WAIT)
            except OSError as error:  # a TimeoutError is one
                raise ConnectionError(f"no Dask worker is left: {GO_ON}") from error
        else:
            pending -= done
            yield from done


def _connected(address: str) -> Client:
    """Return a client of the cluster, once it has a worker and strangers cannot reach it."""
    from distributed import Client

    _refuse_open([address])
    try:
        client = Client(address)  # type: ignore[no-untyped-call]
        client.wait_for_workers(1, timeout=WAIT)
    except OSError as error:  # a TimeoutError is one
        raise ConnectionError(
            f"no Dask scheduler answers at {address}, or it has no worker: start both"
        ) from error
    workers = list(client.nthreads())  # type: ignore[no-untyped-call]
    scheduler = client.scheduler_info()["address"]
    _refuse_open([scheduler, *workers])
    closed = "speak TLS" if scheduler.startswith("tls://") else "listen on loopback only"
    print(f"Dask: the scheduler and {len(workers)} workers {closed}")
    return client


def is_closed(address: str) -> bool:
    """Say whether strangers cannot use what listens at an address of Dask's.

    >>> [is_closed(a) for a in ("tcp://127.0.0.1:8786", "tcp://10.0.0.7:8786", "tls://10.0.0.7:1")]
    [True, False, True]
    """
    parts = urlsplit(address if "://" in address else f"tcp://{address}")
    return parts.scheme == "tls" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # another name, which may lead anywhere
        return False


def _refuse_open(addresses: Sequence[str]) -> None:
    for address in addresses:
        if not is_closed(address):
            raise ValueError(
                f"whoever reaches {address} can run code there as you: start scheduler and workers"
                " with `--host 127.0.0.1`, or with TLS, and give --cluster tls://HOST:PORT"
            )
