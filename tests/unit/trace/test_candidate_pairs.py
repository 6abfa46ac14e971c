"""Which pair carries a call and why, and why none does."""

from __future__ import annotations

from tests.support.traces import ADA, BOB, Script, call, stepped, trickle


def test_a_pair_is_told_as_the_first_named_calls_its_ends() -> None:
    script = call()
    script.say(ADA, "pair", BOB, local="relay", remote="prflx", protocol="udp")
    script.say(BOB, "pair", ADA, local="host", remote="relay", protocol="udp")

    assert script.trace.why("Ada", "Bob").startswith("relay ↔ prflx over UDP")
    assert script.trace.why("Bob", "Ada").startswith("host ↔ relay over UDP")


def test_the_trace_knows_which_pair_is_meant() -> None:
    assert call().trace.why("Ada", "Bob").startswith("host ↔ host over UDP won")
    script = Script()
    script.join(ADA)
    script.join(BOB, order=2)
    assert "whether anybody is connected is not known" in script.trace.why("Ada", "Bob")
    trickle(script, ADA, BOB)
    script.state(ADA, BOB, "connection_state", "failed")
    assert "No relay candidate came at Ada: no TURN server" in script.trace.why("Ada", "Bob")
    script.say(ADA, "gathered", BOB, kind="relay", protocol="udp")
    assert "relay" not in script.trace.why("Ada", "Bob")


def test_where_messages_wait_or_are_lost_that_is_why_nobody_is_connected() -> None:
    script = stepped()
    at_server = "At the signaling server: answer held, candidate corrupted, candidate dropped. room.step()"
    assert at_server in script.trace.why("Ada", "Bob")
    script.state(ADA, BOB, "connection_state", "new")
    trickle(script, ADA, BOB)

    said = script.trace.why("Ada", "Bob")
    assert f"nobody is connected in this trace. {at_server}" in said
    # There may be one, once they have been let through.
    assert "TURN" not in said


def test_who_has_come_again_is_not_connected_by_the_pair_of_the_connection_before() -> None:
    script = call()
    script.say(BOB, "leave")
    assert script.trace.why("Ada", "Bob").startswith("host ↔ host over UDP won")

    script.join(BOB, order=3)
    candidate = script.send(ADA, BOB, "ice_candidate")
    script.at_relay("dropped", candidate, ADA, BOB, "ice_candidate")
    said = script.trace.why("Ada", "Bob")
    assert said.startswith("No candidate pair has been selected since they met again: nobody is connected.")
    assert said.endswith("At the signaling server: candidate dropped.")
