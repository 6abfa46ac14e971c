"""Every line that the browsers write in a call is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rtc_widget.trace import explain

if TYPE_CHECKING:
    from tests.support.browser_fixtures import NewWindow
    from tests.support.firefox import Firefox
    from tests.support.widget_page import Host

# A call with sound, a picture, data, then several qualities, an m-line that is over and an ICE restart.
CALL = """async () => {
  const said = [];
  const [ada, bob] = [0, 1].map(() => new RTCPeerConnection({ bundlePolicy: "max-bundle" }));
  const gathered = [ada, bob].map((pc) => new Promise((resolve) => {
    pc.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate) said.push(candidate.candidate);
      if (!candidate) resolve();
    };
  }));
  const negotiate = async () => {
    await ada.setLocalDescription();
    await bob.setRemoteDescription(ada.localDescription);
    await bob.setLocalDescription();
    await ada.setRemoteDescription(bob.localDescription);
    said.push(ada.localDescription.sdp, bob.localDescription.sdp);
  };
  const canvas = document.createElement("canvas");
  canvas.getContext("2d");
  const stream = canvas.captureStream(5);
  ada.addTransceiver("audio");
  const camera = ada.addTransceiver(stream.getTracks()[0], { streams: [stream] });
  ada.createDataChannel("data");
  await negotiate();
  await Promise.all(gathered);
  said.push(ada.localDescription.sdp, bob.localDescription.sdp);
  camera.direction = "inactive";
  const qualities = [{ rid: "h" }, { rid: "q", scaleResolutionDownBy: 4 }];
  const many = ada.addTransceiver("video", { direction: "sendonly", sendEncodings: qualities });
  await negotiate();
  many.stop();
  ada.restartIce();
  await negotiate();
  ada.close();
  bob.close();
  return said;
}"""


async def unknown_lines(tab: Any) -> set[str]:
    said = await tab.evaluate(CALL)
    assert len(said) > 8
    return {line for text in said for line in explain(text).unknown}


async def test_every_line_of_chromiums_is_known(host: Host, new_window: NewWindow) -> None:
    tab = await (await new_window()).open(f"{host.url}/blank.html")

    assert await unknown_lines(tab) == set()


async def test_every_line_of_firefoxs_is_known(host: Host, firefox: Firefox) -> None:
    tab = await firefox.open(f"{host.url}/blank.html")

    assert await unknown_lines(tab) == set()
