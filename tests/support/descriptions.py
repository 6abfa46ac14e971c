"""Lines of session descriptions as browsers write them, with values that are nobody's."""

from __future__ import annotations

from typing import Final

_FEEDBACK: Final = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
_TRANSPORT: Final = """c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:Kp3c
a=ice-pwd:Kp3cSecretSecretSecretSecret
a=ice-options:trickle
a=fingerprint:sha-256 AA:BB:CC:DD:EE:FF:00:11
a=setup:actpass
a=rtcp-mux
a=rtcp-rsize"""
_EXTENSIONS: Final = (
    "urn:ietf:params:rtp-hdrext:toffset",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "urn:3gpp:video-orientation",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type",
    "http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
    "http://www.webrtc.org/experiments/rtp-hdrext/color-space",
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
)


def _extensions() -> str:
    return "\n".join(f"a=extmap:{number} {uri}" for number, uri in enumerate(_EXTENSIONS, 1))


def _video(*codecs: tuple[str, str]) -> str:
    """Write the lines of codecs, each followed by one of retransmissions unless it has none."""
    lines = []
    for number, (codec, settings) in zip(range(35, 127, 2), codecs, strict=False):
        lines.append(f"a=rtpmap:{number} {codec}/90000")
        lines += [f"a=rtcp-fb:{number} {kind}" for kind in _FEEDBACK]
        lines += [f"a=fmtp:{number} {settings}"] if settings else []
        if codec not in ("ulpfec", "flexfec-03"):
            lines += [f"a=rtpmap:{number + 1} rtx/90000", f"a=fmtp:{number + 1} apt={number}"]
    return "\n".join(lines)


_H264: Final = "level-asymmetry-allowed=1;packetization-mode={};profile-level-id={}"
CHROMIUM_ON_WINDOWS: Final = f"""v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1 2
a=extmap-allow-mixed
a=msid-semantic: WMS 3f0c
m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126
{_TRANSPORT}
a=mid:0
a=extmap:14 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=msid:3f0c 9b1d
a=rtpmap:111 opus/48000/2
a=rtcp-fb:111 transport-cc
a=fmtp:111 minptime=10;useinbandfec=1
a=rtpmap:63 red/48000/2
a=fmtp:63 111/111
a=rtpmap:9 G722/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:13 CN/8000
a=rtpmap:110 telephone-event/48000
a=rtpmap:126 telephone-event/8000
a=ssrc:1111 cname:Kp3ccname
a=ssrc:1111 msid:3f0c 9b1d
m=video 9 UDP/TLS/RTP/SAVPF 35 36 37 38
{_TRANSPORT}
a=mid:1
{_extensions()}
a=sendonly
a=msid:- 77aa
{
    _video(
        ("VP8", ""),
        ("VP9", "profile-id=0"),
        ("VP9", "profile-id=2"),
        ("VP9", "profile-id=1"),
        ("VP9", "profile-id=3"),
        ("H264", _H264.format(1, "42001f")),
        ("H264", _H264.format(0, "42e01f")),
        ("H264", _H264.format(1, "4d001f")),
        ("H264", _H264.format(1, "f4001f")),
        ("H264", _H264.format(1, "640034")),
        ("AV1", "level-idx=5;profile=0;tier=0"),
        ("AV1", "level-idx=5;profile=1;tier=0"),
        ("H265", "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST"),
        ("H265", "level-id=180;profile-id=2;tier-flag=0;tx-mode=SRST"),
        ("red", ""),
        ("ulpfec", ""),
        ("flexfec-03", "repair-window=10000000"),
    )
}
a=rid:hi send
a=rid:lo send max-width=320
a=simulcast:send hi;lo
a=ssrc-group:FID 2222 3333
a=ssrc-group:FEC-FR 2222 4444
a=ssrc-group:SIM 2222 5555
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
{_TRANSPORT}
a=mid:2
a=sctp-port:5000
a=max-message-size:262144"""

FIREFOX: Final = """v=0
o=mozilla...THIS_IS_SDPARTA-99.0 5130011226214217 0 IN IP4 0.0.0.0
s=-
t=0 0
a=sendrecv
a=fingerprint:sha-256 AA:BB:CC:DD:EE:FF:00:11
a=group:BUNDLE 0
a=ice-options:trickle
a=msid-semantic:WMS *
m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101
c=IN IP4 0.0.0.0
a=candidate:0 1 UDP 2122252543 5f0c.local 51234 typ host
a=candidate:1 1 TCP 2105524479 5f0c.local 9 typ host tcptype active
a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level
a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1
a=fmtp:101 0-15
a=end-of-candidates
a=rtcp:51234 IN IP4 192.0.2.7
a=rtpmap:109 opus/48000/2
a=rtpmap:101 telephone-event/8000/1
a=setup:actpass
m=video 0 UDP/TLS/RTP/SAVPF 120 124 126 105 122 119
c=IN IP4 0.0.0.0
a=bundle-only
a=fmtp:126 profile-level-id=42e01f;level-asymmetry-allowed=1;packetization-mode=1
a=fmtp:105 profile-level-id=42e01f;level-asymmetry-allowed=1
a=fmtp:120 max-fs=12288;max-fr=60
a=fmtp:124 apt=120
a=fmtp:122 120/119
a=rtpmap:120 VP8/90000
a=rtpmap:124 rtx/90000
a=rtpmap:126 H264/90000
a=rtpmap:105 H264/90000
a=rtpmap:122 red/90000
a=rtpmap:119 ulpfec/90000
a=rtcp-fb:120 nack
a=rtcp-fb:120 ccm fir
a=rtcp-fb:* transport-cc
a=ssrc:6666 cname:{b7}
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
a=sctp-port:5000
a=max-message-size:1073741823"""

OTHERS: Final = """m=audio 9 RTP/SAVPF 96 97 98 0 8 18
b=AS:64
b=TIAS:64000
b=RS:0
b=RR:0
b=CT:1
a=rtpmap:96 multiopus/48000/6
a=fmtp:96 channel_mapping=0,4,1,2,3,5;coupled_streams=2;minptime=10;num_streams=4;useinbandfec=1
a=rtpmap:97 L16/48000/2
a=rtpmap:98 ILBC/8000
a=fmtp:98 mode=30
a=fmtp:18 annexb=no
a=ptime:20
a=maxptime:60
a=ice-options:trickle renomination
a=ice-lite
a=inactive
a=recvonly
m=video 5004/2 RTP/AVP 31 96
i=a lecture
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==;x-google-start-bitrate=300;max-fr=1
a=framerate:1
a=imageattr:96 send * recv *
a=content:slides
a=rtcp-fb:* ack ccfb
a=rtcp-fb:96 nack sli
a=x-google-flag:conference
a=cryptex
a=group:BUNDLE
a=group:BUNDLE 0
a=ice-pacing:50
m=video 9 RTP/AVPF 96
m=audio 9 RTP/SAVP 0
m=audio 9 UDP/TLS/RTP/SAVP 0
m=audio 9 TCP/DTLS/RTP/SAVP 0
m=audio 9 TCP/DTLS/RTP/SAVPF 0
m=text 9 RTP/AVP 98
a=rtpmap:98 t140/1000
m=image 9 udptl t38
m=message 9 TCP/MSRP *
m=application 9 TCP/DTLS/SCTP webrtc-datachannel
m=application 9 DTLS/SCTP 5000
a=sctpmap:5000 webrtc-datachannel 256
m=application 9 RTP/AVP 100"""
