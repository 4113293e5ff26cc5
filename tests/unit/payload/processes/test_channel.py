"""What the training process told is known, whole lines only, the last word last."""

from __future__ import annotations

import os

from osgrepro.payload.processes.channel import Receiver, Sender, merge


def test_what_is_sent_is_received():
    reading, writing = os.pipe()
    sender = Sender(writing)
    sender.send(provenance={"cpu": {"model": 1}})
    sender.send(provenance={"cpu": {"family": 2}}, stage="training")
    receiver = Receiver()
    receiver.feed(os.read(reading, 10_000))
    os.close(reading)
    assert receiver.state == {
        "provenance": {"cpu": {"model": 1, "family": 2}},
        "stage": "training",
    }


def test_pieces_of_lines_are_put_together():
    receiver = Receiver()
    for piece in (b'{"a": ', b'1}\n{"b"', b": 2}\n"):
        receiver.feed(piece)
    assert receiver.state == {"a": 1, "b": 2}


def test_a_line_that_was_cut_off_is_left_out():
    receiver = Receiver()
    receiver.feed(b'{"a": 1}\n{"a": 2')
    assert receiver.state == {"a": 1}


def test_other_text_on_the_channel_does_no_harm():
    receiver = Receiver()
    receiver.feed(b'not json\n\xff\n[1]\n{"a": 1}\n')
    assert receiver.state == {"a": 1}


def test_a_supervisor_that_is_gone_does_not_stop_the_training():
    reading, writing = os.pipe()
    sender = Sender(writing)
    os.close(reading)
    sender.send(stage="training")


def test_lists_are_replaced_not_joined():
    state = {"libraries": ["a"]}
    merge(state, {"libraries": ["a", "b"]})
    assert state == {"libraries": ["a", "b"]}
