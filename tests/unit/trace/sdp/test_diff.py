"""What an answer made of an offer, in sentences."""

from __future__ import annotations

import re

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpSender

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.trace import diff


async def descriptions() -> tuple[str, str]:
    """An offer of sound, a picture to be received and data; the answerer knows only VP8 and sends nothing."""
    ours = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    theirs = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    ours.addTransceiver("audio")
    ours.addTransceiver("video")
    ours.createDataChannel("data")
    await ours.setLocalDescription()
    await theirs.setRemoteDescription(ours.localDescription)
    video = theirs.getTransceivers()[1]
    capabilities = RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([codec for codec in capabilities if codec.name == "VP8"])
    await theirs.setRemoteDescription(ours.localDescription)
    await theirs.setLocalDescription()
    texts = ours.localDescription.sdp, theirs.localDescription.sdp
    for side in (ours, theirs):
        await side.close()
    return texts


async def test_what_was_agreed_and_what_was_negotiated_away_is_said() -> None:
    found = {(each.where, each.what): each.text for each in diff(*await descriptions())}

    assert (
        found["session", "role"] == "the answerer begins the DTLS handshake, where there has been none yet."
    )
    assert found["session", "bundle"] == "0, 1, 2 share one transport."
    assert found["video (mid 1)", "codecs"].startswith(
        "agreed, first choice first: VP8. Negotiated away: rtx, H264"
    )
    assert (
        "sendrecv was offered, recvonly answered: only the offerer may send."
        in found["video (mid 1)", "direction"]
    )
    assert "None was dropped" in found["audio (mid 0)", "codecs"]


async def test_an_m_line_that_was_refused_is_said_to_be() -> None:
    offer, answer = await descriptions()

    found = diff(
        offer, re.sub(r"m=application \d+", "m=application 0", answer).replace("BUNDLE 0 1 2", "BUNDLE 0 1")
    )

    assert "application (mid 2): the answerer refused it." in str(found)
    assert "left out: 2" in str(found)


async def test_what_no_answer_may_say_is_said_to_be_wrong() -> None:
    offer, answer = await descriptions()

    sends = answer.replace("a=recvonly", "a=sendonly").replace("setup:active", "setup:actpass")
    found = str(diff(offer.replace("a=sendrecv", "a=sendonly"), sends))

    assert (
        "sendonly was offered, sendonly answered: that is no answer to sendonly, which is recvonly or inactive"
        in found
    )
    assert "the answer leaves open who begins the DTLS handshake, and may not (RFC 8842, 5.3)." in found


async def test_what_does_not_belong_together_is_refused() -> None:
    offer, answer = await descriptions()

    with pytest.raises(InvalidArgumentError, match="has others"):
        diff(offer, answer.replace("a=mid:1", "a=mid:7"))
    with pytest.raises(InvalidArgumentError, match="The offer is not a session description"):
        diff("hello", answer)
    with pytest.raises(InvalidArgumentError, match="not an m-line"):
        diff("v=0\r\nm=video\r\n", "v=0\r\nm=video\r\n")


async def test_a_table_does_not_break_where_something_stands() -> None:
    assert "video\N{NO-BREAK SPACE}(mid\N{NO-BREAK SPACE}1)" in diff(*await descriptions())._repr_html_()
