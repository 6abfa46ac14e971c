import { afterEach, expect, it, vi } from "vitest";
import { facingOf, otherCamera } from "../../src/join/cameras";

type Camera = { id: string; facing?: string };

function offer(...cameras: Camera[]) {
  const devices = cameras.map(({ id, facing }) => ({
    kind: "videoinput",
    deviceId: id,
    ...(facing ? { getCapabilities: () => ({ facingMode: [facing] }) } : {}),
  }));
  const enumerateDevices = () => Promise.resolve([{ kind: "audioinput", deviceId: "mic" }, ...devices]);
  vi.stubGlobal("navigator", { mediaDevices: { enumerateDevices } });
}

const on = (deviceId: string, facingMode?: string) =>
  ({ getSettings: () => ({ deviceId, facingMode }) }) as unknown as MediaStreamTrack;

afterEach(() => vi.unstubAllGlobals());

it("looks the other way on a phone, whatever lies between", async () => {
  offer(
    { id: "front", facing: "user" },
    { id: "wide", facing: "user" },
    { id: "back", facing: "environment" },
  );
  expect(await otherCamera(on("front", "user"))).toBe("back");
  expect(await otherCamera(on("back", "environment"))).toBe("front");
});

it("goes from one to the next where browsers do not say which way they look", async () => {
  offer({ id: "a" }, { id: "b" }, { id: "c" });
  expect(await otherCamera(on("a"))).toBe("b");
  expect(await otherCamera(on("c"))).toBe("a");
});

it("finds none where there is no other", async () => {
  offer({ id: "a" });
  expect(await otherCamera(on("a", "user"))).toBeNull();
});

it("knows which way the camera of a stream looks, if the browser does", () => {
  const stream = (track: MediaStreamTrack) => ({ getVideoTracks: () => [track] }) as unknown as MediaStream;
  expect(facingOf(stream(on("back", "environment")))).toBe("environment");
  expect(facingOf(stream(on("a")))).toBeUndefined();
  expect(facingOf(null)).toBeUndefined();
});
