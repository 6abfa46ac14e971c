"""What a type checker says of a user's mistakes: it is not run, and `make check` fails where a mistake is not found any more."""

from __future__ import annotations

from rtc_widget import Peer, RoomWidget


def mistakes(room: RoomWidget, bot: Peer) -> None:
    """Make each mistake that an editor should underline."""
    RoomWidget("demo", nme="Ada")  # type: ignore[call-arg]
    RoomWidget("demo", "Ada")  # type: ignore[call-arg]
    RoomWidget("demo", video="webcam")  # type: ignore[arg-type]
    RoomWidget("demo", negotiation="perfekt")  # type: ignore[arg-type]
    room.wait_for("conected")  # type: ignore[arg-type]
    room.fault.drop("ofer")  # type: ignore[arg-type]
    room.fault.no_candidates("hots")  # type: ignore[arg-type]
    room.break_on("answr")  # type: ignore[arg-type]
    room.step_to("offer", "candidate")  # type: ignore[arg-type]
    Peer("demo", run="kernle")  # type: ignore[arg-type]
    bot.wait_for("joind")  # type: ignore[arg-type]
    for participant in room.participants:
        if participant.stats is not None:
            participant.stats["bitrte"]  # type: ignore[typeddict-item]
        if participant.selected_candidate_pair is not None:
            participant.selected_candidate_pair["lokal"]  # type: ignore[typeddict-item]
        assert participant.connection_state == "conected"  # type: ignore[comparison-overlap]
