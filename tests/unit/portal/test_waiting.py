"""Waiting leaves room for those who don't wait."""

import threading

from services.portal.application.waiting import WaitingRoom


def test_a_full_room_answers_at_once() -> None:
    room = WaitingRoom(seats=2, seats_per_sandbox=1)
    come_true = threading.Event()
    answers: list[bool] = []
    sitting = [
        threading.Thread(target=lambda name=name: answers.append(room.wait(name, come_true.is_set, 30)))
        for name in ("a", "b")
    ]
    for thread in sitting:
        thread.start()
    while room._taken.total() < 2:
        pass
    assert not room.wait("c", come_true.is_set, 30)
    come_true.set()
    for thread in sitting:
        thread.join()
    assert answers == [True, True]
    assert room.wait("c", come_true.is_set, 0)
    assert room._taken.total() == 0


def test_one_sandbox_leaves_seats_to_others() -> None:
    room = WaitingRoom(seats=2, seats_per_sandbox=1)
    come_true = threading.Event()
    thread = threading.Thread(target=lambda: room.wait("a", come_true.is_set, 30))
    thread.start()
    while not room._taken.total():
        pass
    assert not room.wait("a", come_true.is_set, 30)
    assert not room.wait("b", come_true.is_set, 0.01)
    come_true.set()
    thread.join()
