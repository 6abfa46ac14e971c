/** Which camera comes after the one that is on: on a phone, the one that looks the other way. */

/** @returns its device's id; null where there is no other */
export async function otherCamera(current: MediaStreamTrack | undefined): Promise<string | null> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const cameras = devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
  const { deviceId, facingMode } = current?.getSettings() ?? {};
  const others = cameras.filter((camera) => camera.deviceId !== deviceId);
  const wanted = facingMode === "environment" ? "user" : "environment";
  const opposite = facingMode && others.find((camera) => facings(camera).includes(wanted));
  if (opposite) return opposite.deviceId;
  const index = cameras.findIndex((camera) => camera.deviceId === deviceId);
  return cameras[index + 1]?.deviceId ?? others[0]?.deviceId ?? null;
}

/** Which way the camera of a stream looks, as the person holds the device; undefined where that is not known. */
export function facingOf(stream: MediaStream | null): string | undefined {
  return stream?.getVideoTracks()[0]?.getSettings().facingMode;
}

/** Which ways a camera looks; browsers that do not tell say nothing. */
function facings(camera: MediaDeviceInfo): readonly string[] {
  return (camera as Partial<InputDeviceInfo>).getCapabilities?.().facingMode ?? [];
}
