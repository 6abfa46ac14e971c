"""The meaning of codec parameters, the lines that begin with ``a=fmtp:``."""

from __future__ import annotations

import re
from typing import Final

from .context import Context, Say

_MEANINGS: Final[list[tuple[str, str, str | Say]]] = [
    (r"apt=(\d+)", "RFC 4588, 8", lambda m, c: f"repeats lost packets of {c.codec(m[1])}"),
    (r"minptime=(\d+)", "RFC 7587, 6.1", lambda m, _: f"packets of {m[1]} ms and more are welcome"),
    (r"useinbandfec=1", "RFC 7587, 6.1", "each packet may carry a rough copy of the one before"),
    (r"stereo=1", "RFC 7587, 6.1", "stereo is welcome"),
    (r"sprop-stereo=1", "RFC 7587, 6.1", "stereo is likely to be sent"),
    (r"usedtx=1", "RFC 7587, 6.1", "nothing is sent while it is silent"),
    (r"maxplaybackrate=(\d+)", "RFC 7587, 6.1", lambda m, _: f"up to {m[1]} Hz can be played"),
    (r"maxaveragebitrate=(\d+)", "RFC 7587, 6.1", lambda m, _: f"at most {m[1]} bit/s on average"),
    (r"max-fs=(\d+)", "RFC 7741, 6.1", lambda m, _: f"pictures of at most {m[1]} blocks of 16 by 16 pixels"),
    (r"max-fr=(\d+)", "RFC 7741, 6.1", lambda m, _: f"at most {m[1]} pictures a second"),
    (r"profile-id=(\d+)", "RFC 9628", lambda m, _: f"profile {m[1]}: {_vp9_profile(m[1])}"),
    (r"level-asymmetry-allowed=1", "RFC 6184, 8.1", "either side may send at a level of its own"),
    (
        r"packetization-mode=([012])",
        "RFC 6184, 8.1",
        lambda m, _: "a picture may be cut into several packets" if m[1] == "1" else "one unit to a packet",
    ),
    (r"profile-level-id=([0-9A-Fa-f]{6})", "RFC 6184, 8.1", lambda m, _: _h264_profile(m[1])),
    (r"level-idx=(\d+)", "AV1 RTP specification, 7.2", lambda m, _: f"level {m[1]} and below"),
    (r"profile=(\d+)", "AV1 RTP specification, 7.2", lambda m, _: f"profile {m[1]}"),
    (r"tier=(\d+)", "AV1 RTP specification, 7.2", lambda m, _: f"tier {m[1]}"),
    (r"x-google-start-bitrate=(\d+)", "libwebrtc", lambda m, _: f"begin with {m[1]} kbit/s"),
    (r"x-google-min-bitrate=(\d+)", "libwebrtc", lambda m, _: f"never go below {m[1]} kbit/s"),
    (r"x-google-max-bitrate=(\d+)", "libwebrtc", lambda m, _: f"never go above {m[1]} kbit/s"),
    (r"(\d+(?:/\d+)+)", "RFC 2198, 5", lambda m, c: f"repeats {c.codec(m[1].split('/')[0])}"),
    (r"0-1[56]", "RFC 4733, 7.1.1", "the keys 0 to 9, *, #, A to D"),
]


def _vp9_profile(profile: str) -> str:
    return {"0": "8 bits, 4:2:0", "1": "8 bits, finer colour", "2": "10 or 12 bits, 4:2:0"}.get(
        profile, "10 or 12 bits, finer colour"
    )


def _h264_profile(profile_level: str) -> str:
    profiles = {
        "42e0": "Constrained Baseline",
        "4200": "Baseline",
        "4d00": "Main",
        "6400": "High",
        "f400": "High 4:4:4",
    }
    profile = profiles.get(profile_level[:4].lower(), f"profile {profile_level[:4]}")
    return f"{profile} profile, level {int(profile_level[4:], 16) / 10:g}"


_SETTINGS: Final = [(re.compile(pattern), source, explanation) for pattern, source, explanation in _MEANINGS]


def meaning_of_settings(match: re.Match[str], context: Context) -> tuple[str, str] | None:
    """Explain an ``a=fmtp`` line, parameter by parameter (RFC 8866, 6.15).

    Parameters
    ----------
    match : re.Match[str]
        Of the line: payload type and parameters.
    context : Context
        The line's section.

    Returns
    -------
    (str, str) or None
        Meaning and source; None when there is an unknown parameter.
    """
    meanings, sources = [], ["RFC 8866, 6.15"]
    for setting in match[2].split(";"):
        for pattern, source, explanation in _SETTINGS:
            found = pattern.fullmatch(setting.strip())
            if found:
                meanings.append(explanation if isinstance(explanation, str) else explanation(found, context))
                sources.append(source)
                break
        else:
            return None
    return f"Settings of {context.codec(match[1])}: {', '.join(meanings)}.", "; ".join(dict.fromkeys(sources))
