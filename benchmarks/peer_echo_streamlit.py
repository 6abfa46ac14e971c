"""streamlit-webrtc as `peer_echo` runs it: streamlit run peer_echo_streamlit.py -- START MAX."""

import sys

import aiortc.codecs.vpx
import av
from streamlit_webrtc import webrtc_streamer

aiortc.codecs.vpx.DEFAULT_BITRATE, aiortc.codecs.vpx.MAX_BITRATE = map(int, sys.argv[1:])


def negative(frame):
    """Return the negative of a picture."""
    picture = frame.to_ndarray(format="rgb24")
    return av.VideoFrame.from_ndarray(255 - picture, format="rgb24")


webrtc_streamer(
    key="echo",
    video_frame_callback=negative,
    rtc_configuration={"iceServers": []},
    media_stream_constraints={"video": True, "audio": False},
    desired_playing_state=True,
)
