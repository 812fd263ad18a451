"""The way between grader and submission: nothing on it waits past its deadline."""

import math
import os
import socket
import threading

import numpy as np
import pytest

from cs826tl_grader.plain.exchange import LIMIT, Refused, pack
from cs826tl_grader.sandbox.channel import Channel, Died, TookTooLong


@pytest.fixture
def ends() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    return Channel(ours, 60), theirs


def test_what_is_sent_is_received() -> None:
    one, other = map(Channel, socket.socketpair())
    value = [1, {"a": np.arange(1_000_000)}]
    threading.Thread(target=one.send, args=(value,)).start()
    received = other.receive(30)
    assert received[0] == 1
    assert np.array_equal(received[1]["a"], value[1]["a"])  # type: ignore[index]


def test_an_answer_that_stops_halfway_is_over_in_time(ends: tuple[Channel, socket.socket]) -> None:
    channel, other = ends
    other.sendall(pack("whole")[:-1])
    with pytest.raises(TookTooLong):
        channel.receive(0.1)


def test_a_submission_that_takes_nothing_does_not_hold_up_the_grader(
    ends: tuple[Channel, socket.socket],
) -> None:
    with pytest.raises(TookTooLong):
        ends[0].send(np.zeros(4_000_000), 0.1)


def test_drops_of_an_answer_do_not_stretch_the_whole_exchange() -> None:
    ours, theirs = socket.socketpair()
    channel, stop = Channel(ours, 0.3), threading.Event()

    def drip() -> None:
        for byte in pack("x" * 10_000):
            if not stop.wait(0.02):
                theirs.sendall(bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TookTooLong):
        channel.receive(math.inf)
    stop.set()
    thread.join()


def test_the_end_of_the_other_side_is_told_from_silence(
    ends: tuple[Channel, socket.socket],
) -> None:
    ends[1].close()
    with pytest.raises(Died):
        ends[0].receive(10)
    with pytest.raises(Died):
        ends[0].send("anybody there?")


def test_a_message_that_is_too_large_is_refused_unread(ends: tuple[Channel, socket.socket]) -> None:
    ends[1].sendall((LIMIT + 1).to_bytes(8, "big") + bytes(8))
    with pytest.raises(Refused):
        ends[0].receive(10)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="there is no /proc here")
def test_nobody_opens_the_way_again_by_its_name(ends: tuple[Channel, socket.socket]) -> None:
    with pytest.raises(OSError, match="No such device"):
        os.open(f"/proc/self/fd/{ends[1].fileno()}", os.O_RDONLY | os.O_NONBLOCK)
