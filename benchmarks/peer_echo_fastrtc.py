"""fastrtc as `peer_echo` runs it, in the environment that it makes: python peer_echo_fastrtc.py PORT START MAX."""

import sys

import aiortc.codecs.vpx
import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastrtc import Stream

port, aiortc.codecs.vpx.DEFAULT_BITRATE, aiortc.codecs.vpx.MAX_BITRATE = map(int, sys.argv[1:])


def negative(picture):
    """Return the negative of a picture."""
    return 255 - picture


stream = Stream(
    negative,
    modality="video",
    mode="send-receive",
    server_rtc_configuration={"iceServers": []},
    concurrency_limit=10,
)
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
stream.mount(app)
uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")
