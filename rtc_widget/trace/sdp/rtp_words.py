"""What the codecs, the feedback and the header extensions of RTP are for, by the names that descriptions have for them."""

from __future__ import annotations

from typing import Final

CODECS: Final = {
    "opus": "the codec for sound that every browser has (RFC 7874)",
    "vp8": "a codec for pictures that every browser has (RFC 7742)",
    "vp9": "a codec for pictures, about a third better than VP8 and heavier",
    "av1": "the newest codec for pictures, best and heaviest",
    "h264": "a codec for pictures that every browser has, often in hardware (RFC 7742)",
    "h265": "a codec for pictures, where the hardware has it",
    "rtx": "retransmissions of lost packets (RFC 4588)",
    "red": "packets that repeat earlier ones, against loss (RFC 2198)",
    "ulpfec": "redundancy from which lost packets are computed (RFC 5109)",
    "flexfec-03": "redundancy from which lost packets are computed, as in a draft of RFC 8627",
    "telephone-event": "the tones of a telephone's keys (RFC 4733)",
    "flexfec": "redundancy from which lost packets are computed (RFC 8627)",
    "multiopus": "Opus in more than two channels",
    "l16": "sound that is not compressed (RFC 3551)",
    "gsm": "the sound of old mobile telephones (RFC 3551)",
    "g729": "a telephone's sound in few bits (RFC 3551)",
    "isac": "a codec for voices that browsers once had",
    "ilbc": "a codec for voices that browsers once had (RFC 3951)",
    "h263": "an old codec for pictures",
    "h261": "the oldest codec for pictures",
    "jpeg": "each picture by itself (RFC 2435)",
    "t140": "text while it is typed (RFC 4103)",
    "cn": "comfort noise, so that silence does not sound broken (RFC 3389)",
    "pcmu": "the telephone's sound of America (G.711)",
    "pcma": "the telephone's sound of Europe (G.711)",
    "g722": "the telephone's wideband sound",
}
"""Codecs, by names in small letters."""

FEEDBACK: Final = {
    "nack": "asks for lost packets again",
    "nack pli": "asks for a key frame when a picture was lost (picture loss indication)",
    "ccm fir": "asks for a key frame, for somebody new (full intra request, RFC 5104)",
    "goog-remb": "tells the sender what the receiver thinks the path can carry (REMB)",
    "transport-cc": "tells when every packet arrived, so that the sender can estimate the path",
    "nack sli": "tells which part of a picture was lost (slice loss indication)",
    "nack rpsi": "tells which picture it has got, for later ones to refer to",
    "ack ccfb": "tells when every packet arrived, and with which marks of congestion (RFC 8888)",
    "rrtr": "asks for reports from which it can measure round trips (RFC 3611)",
    "ccm tmmbr": "tells the sender a bitrate to keep to (RFC 5104)",
}
"""What the receiver does, by what it is called."""

EXTENSIONS: Final = {
    "urn:ietf:params:rtp-hdrext:sdes:mid": "the m-line that the packet belongs to (RFC 9143, 15)",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level": "how loud it is, so that a speaker can be found without decoding (RFC 6464)",
    "urn:ietf:params:rtp-hdrext:csrc-audio-level": "how loud each of the mixed sources is (RFC 6465)",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id": "which of several qualities it is (simulcast, RFC 8852)",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id": "which quality a retransmission repairs (RFC 8852)",
    "urn:ietf:params:rtp-hdrext:toffset": "when it was really sent, against its timestamp (RFC 5450)",
    "urn:3gpp:video-orientation": "how the camera was held (3GPP TS 26.114)",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time": "when it was sent, for estimating the path",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01": "a number over all m-lines, for transport-cc",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay": "how long it may be kept before it is shown",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type": "whether it is a camera's or a screen's picture",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-timing": "when it was captured, encoded and sent",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space": "what its colours mean, HDR for example",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00": "which layers are sent at what bitrate",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time": "when it was captured",
    "http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection": "samples of the picture, to notice damage",
    "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02": "a number over all m-lines, for transport-cc",
    "http://www.webrtc.org/experiments/rtp-hdrext/generic-frame-descriptor-00": "which pictures it depends on, as browsers once said it",
    "http://www.webrtc.org/experiments/rtp-hdrext/generic-frame-descriptor-01": "which pictures it depends on, as browsers once said it",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-frame-tracking-id": "a number of the picture, for tests",
    "http://www.webrtc.org/experiments/rtp-hdrext/inband-cn": "how loud the comfort noise should be",
    "urn:ietf:params:rtp-hdrext:framemarking": "whether it begins or ends a picture, and of which layer (RFC 9626)",
    "http://tools.ietf.org/html/draft-ietf-avtext-framemarking-07": "whether it begins or ends a picture, and of which layer",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension": "which pictures it depends on, so that layers can be left out",
}
"""What a header extension carries, by its URI."""
