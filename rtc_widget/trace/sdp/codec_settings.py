"""The meaning of codec parameters, the lines that begin with ``a=fmtp:``: each by itself, and by its codec."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from .context import Context, Meaning, count

_Setting = tuple[str, Callable[[str, Context], "str | None"]]
_MOST_DIGITS: Final = 10


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS


def _number(source: str, words: str, noun: str = "") -> _Setting:
    """Return a setting whose value is a number, which takes the place of {} in the words."""

    def say(value: str, _context: Context) -> str | None:
        return words.format(count(value, noun) if noun else value) if _is_number(value) else None

    return source, say


def _choice(source: str, words: Mapping[str, str]) -> _Setting:
    """Return a setting that has one of a few values."""
    return source, lambda value, _context: words.get(value)


def _any(source: str, words: str) -> _Setting:
    """Return a setting whose value is not explained."""
    return source, lambda _value, _context: words


_OPUS: Final = "RFC 7587, 6.1"
_VP8: Final = "RFC 7741, 6.1"
_VP9: Final = "RFC 9628, 6"
_H264: Final = "RFC 6184, 8.1"
_H265: Final = "RFC 7798, 7.1"
_AV1: Final = "AV1 RTP specification, 7.2"


def _limits(source: str) -> dict[str, _Setting]:
    return {
        "max-fs": _number(source, "pictures of at most {} of 16 by 16 pixels", "block"),
        "max-fr": _number(source, "at most {} a second", "picture"),
    }


_GOOGLE: Final = {
    "x-google-start-bitrate": _number("libwebrtc", "begin with {} kbit/s"),
    "x-google-min-bitrate": _number("libwebrtc", "never go below {} kbit/s"),
    "x-google-max-bitrate": _number("libwebrtc", "never go above {} kbit/s"),
    "x-google-max-quantization": _number("libwebrtc", "never coarser than quantization step {}"),
}
_OPUS_SETTINGS: Final = {
    "minptime": _number(_OPUS, "packets of {} ms and more are welcome"),
    "maxptime": _number(_OPUS, "packets of at most {} ms are welcome"),
    "ptime": _number(_OPUS, "packets of {} ms are preferred"),
    "useinbandfec": _choice(
        _OPUS,
        {
            "1": "each packet may carry a rough copy of the one before",
            "0": "no copies of packets before are wanted",
        },
    ),
    "stereo": _choice(_OPUS, {"1": "stereo is welcome", "0": "mono is preferred"}),
    "sprop-stereo": _choice(_OPUS, {"1": "stereo is likely to be sent", "0": "mono is likely to be sent"}),
    "usedtx": _choice(
        _OPUS,
        {
            "1": "hardly anything needs to be sent while it is silent",
            "0": "silence is sent like any other sound",
        },
    ),
    "cbr": _choice(_OPUS, {"1": "the bitrate is to be constant", "0": "the bitrate may vary"}),
    "maxplaybackrate": _number(_OPUS, "up to {} Hz can be played"),
    "sprop-maxcapturerate": _number(_OPUS, "up to {} Hz are likely to be sent"),
    "maxaveragebitrate": _number(_OPUS, "at most {} bit/s on average"),
}
_H264_SETTINGS: Final = {
    "level-asymmetry-allowed": _choice(
        _H264, {"1": "either side may send at a level of its own", "0": "both sides send at the same level"}
    ),
    "packetization-mode": _choice(
        _H264,
        {
            "0": "one unit to a packet",
            "1": "a picture may be cut into several packets",
            "2": "a picture may be cut into several packets, which may come in another order",
        },
    ),
    "profile-level-id": (_H264, lambda value, _context: _h264_profile(value)),
    "max-mbps": _number(_H264, "at most {} of 16 by 16 pixels a second", "block"),
    "max-smbps": _number(_H264, "at most {} of 16 by 16 pixels a second that do not move", "block"),
    "max-br": _number(_H264, "at most {} kbit/s"),
    "max-cpb": _number(_H264, "a buffer of at most {} kbit for what is coded"),
    "max-dpb": _number(_H264, "a buffer of at most {} of 16 by 16 pixels for what is decoded", "block"),
    "sprop-parameter-sets": _any(_H264, "parameters of the stream that are sent beforehand"),
    "sps-pps-idr-in-keyframe": _choice(
        "libwebrtc", {"1": "parameters of the stream come with every key frame", "0": "they come once"}
    ),
}
_H265_SETTINGS: Final = {
    "profile-id": _choice(
        _H265,
        {
            "1": "Main profile (8 bits)",
            "2": "Main 10 profile (up to 10 bits)",
            "3": "Main Still Picture profile",
            "4": "a profile of the range extensions",
        },
    ),
    "tier-flag": _choice(_H265, {"0": "Main tier", "1": "High tier, for higher bitrates"}),
    "level-id": (_H265, lambda value, _context: _h265_level(value)),
    "tx-mode": _choice(
        _H265,
        {
            "SRST": "all layers in one stream",
            "MRST": "layers in several streams",
            "MRMT": "layers in several streams and transports",
        },
    ),
    "profile-space": _number(_H265, "profile space {}"),
    "profile-compatibility-indicator": _any(_H265, "the profiles that it conforms to"),
    "interop-constraints": _any(_H265, "constraints that it keeps to"),
    "sprop-vps": _any(_H265, "parameters of the layers that are sent beforehand"),
    "sprop-sps": _any(_H265, "parameters of the sequence that are sent beforehand"),
    "sprop-pps": _any(_H265, "parameters of the pictures that are sent beforehand"),
}
_REPAIRED: Final = "RFC 8627, 5.1"
_SETTINGS: Final[Mapping[str, Mapping[str, _Setting]]] = {
    "opus": _OPUS_SETTINGS,
    "multiopus": {
        **_OPUS_SETTINGS,
        "channel_mapping": _any("libwebrtc", "which loudspeaker each channel is for"),
        "num_streams": _number("libwebrtc", "{}", "coded stream"),
        "coupled_streams": _number("libwebrtc", "{} of them stereo"),
    },
    "vp8": {**_limits(_VP8), **_GOOGLE},
    "vp9": {
        "profile-id": _choice(
            _VP9,
            {
                "0": "profile 0 (8 bits, 4:2:0)",
                "1": "profile 1 (8 bits, finer colour)",
                "2": "profile 2 (10 or 12 bits, 4:2:0)",
                "3": "profile 3 (10 or 12 bits, finer colour)",
            },
        ),
        **_limits(_VP9),
        **_GOOGLE,
    },
    "h264": {**_H264_SETTINGS, **_limits(_H264), **_GOOGLE},
    "h265": {**_H265_SETTINGS, **_GOOGLE},
    "av1": {
        "level-idx": (_AV1, lambda value, _context: _av1_level(value)),
        "profile": _choice(_AV1, {"0": "Main profile", "1": "High profile", "2": "Professional profile"}),
        "tier": _choice(_AV1, {"0": "Main tier", "1": "High tier, for higher bitrates"}),
        **_GOOGLE,
    },
    "rtx": {
        "apt": (
            "RFC 4588, 8",
            lambda value, context: (
                f"repeats lost packets of {context.codec(value)}" if _is_number(value) else None
            ),
        ),
        "rtx-time": _number("RFC 4588, 8", "packets are kept for {} ms"),
    },
    "red": {"": ("RFC 2198, 5", lambda value, context: _repeated(value, context))},
    "telephone-event": {"": ("RFC 4733, 7.1.1", lambda value, _context: _keys(value))},
    "flexfec-03": {
        "repair-window": (_REPAIRED, lambda value, _context: _window(value)),
        "l": _number(_REPAIRED, "{} to a row", "packet"),
        "d": _number(_REPAIRED, "{} to a column", "packet"),
    },
    "ilbc": {"mode": _number("RFC 3952", "frames of {} ms")},
    "g729": {"annexb": _choice("RFC 4856", {"yes": "silence may be left out", "no": "silence is sent, too"})},
}


def _repeated(value: str, context: Context) -> str | None:
    numbers = value.split("/")
    if len(numbers) < 2 or not all(map(_is_number, numbers)):
        return None
    return f"repeats {' and '.join(context.codec(number) for number in dict.fromkeys(numbers))}"


def _keys(value: str) -> str | None:
    if value in ("0-15", "0-16"):
        return "the keys 0 to 9, *, #, A to D" + (" and flash" if value == "0-16" else "")
    numbers = value.replace("-", ",").split(",")
    return f"the events {', '.join(value.split(','))}" if all(map(_is_number, numbers)) else None


def _window(value: str) -> str | None:
    if not _is_number(value):
        return None
    return f"packets come within {int(value) / 1000:g} ms of those that repair them"


_H264_PROFILES: Final = {
    "42e0": "Constrained Baseline",
    "42c0": "Constrained Baseline",
    "4200": "Baseline",
    "5800": "Extended",
    "4d00": "Main",
    "6400": "High",
    "640c": "Constrained High",
    "6e00": "High 10",
    "7a00": "High 4:2:2",
    "f400": "High 4:4:4",
}
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def _h264_profile(value: str) -> str | None:
    if len(value) != 6 or not _HEX.issuperset(value):
        return None
    known = _H264_PROFILES.get(value[:4].lower())
    profile = f"{known} profile" if known else f"profile {value[:4]}"
    return f"{profile}, level {int(value[4:], 16) / 10:g}"


def _h265_level(value: str) -> str | None:
    return f"level {int(value) / 30:g}" if _is_number(value) else None


def _av1_level(value: str) -> str | None:
    if not _is_number(value) or int(value) > 31:
        return None
    # 31 means that there is no limit.
    return "any level" if value == "31" else f"level {2 + int(value) // 4}.{int(value) % 4} and below"


def meaning_of_settings(match: re.Match[str], context: Context) -> Meaning:
    """Explain an ``a=fmtp`` line, parameter by parameter (RFC 8866, 6.15).

    Parameters
    ----------
    match : re.Match[str]
        Of the line: payload type and parameters.
    context : Context
        The line's section.

    Returns
    -------
    Meaning
        Of those parameters that are known; the others are listed.
    """
    codec = context.codecs.get(match[1])
    meanings: list[str] = []
    unknown: list[str] = []
    sources = ["RFC 8866, 6.15"]
    for setting in filter(None, map(str.strip, match[2].split(";"))):
        name, sign, value = setting.partition("=")
        known = _setting(codec, name.strip().lower() if sign else "")
        meaning = known[1](value.strip() if sign else name, context) if known is not None else None
        if known is None or meaning is None:
            unknown.append(setting[:60])
        else:
            meanings.append(meaning)
            sources.append(known[0])
    what = context.codec(match[1])
    text = f"Settings of {what}: {'; '.join(meanings)}." if meanings else f"Settings of {what}."
    if unknown:
        text += f" Unknown here: {'; '.join(unknown)}."
    return Meaning(text, "; ".join(dict.fromkeys(sources)), known=not unknown)


def _setting(codec: str | None, name: str) -> _Setting | None:
    if codec is not None:
        return _SETTINGS.get(codec.lower(), {}).get(name)
    # Without the codec, what means the same for all.
    found = {id(known[name]): known[name] for known in _SETTINGS.values() if name in known}
    return next(iter(found.values())) if len(found) == 1 else None
