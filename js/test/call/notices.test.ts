import { describe, expect, it, vi } from "vitest";
import type { SourceKind } from "../../src/call/local-sources";
import { noticeOf, sourceNotices } from "../../src/call/notices";
import { RtcError } from "../../src/protocol/errors";

it.each(["constructor", "__proto__", "a code of a later relay"])(
  "shows an error whose code is %s under a title that says what it means",
  (code) => {
    expect(noticeOf(new RtcError(code, "No.")).title).toBe("The call could not be joined");
  },
);

describe("sources that cannot be opened", () => {
  const retry = vi.fn();
  const useTestPicture = vi.fn();
  const notices = (failed: Partial<Record<SourceKind, string>>) =>
    sourceNotices(
      new Map(
        Object.entries(failed).map(([kind, code]) => [kind as SourceKind, new RtcError(code, `${kind}.`)]),
      ),
      { retry, instead: [{ label: "Use a test picture", run: useTestPicture }] },
    );
  const labels = (notice: { actions?: readonly { label: string }[] } | null) =>
    notice?.actions?.map(({ label }) => label);

  it("are one thing where neither camera nor microphone can be, for the same reason", () => {
    const { video, audio } = notices({ video: "no_device", audio: "no_device" });
    expect(audio).toBeNull();
    expect(video).toMatchObject({
      title: "No camera or microphone",
      text: expect.stringContaining("Plug one in"),
    });
    expect(labels(video)).toEqual(["Try again", "Use a test picture"]);
    video?.actions?.[0]?.run?.();
    expect(retry).toHaveBeenCalledWith("video", "audio");
    video?.actions?.[1]?.run?.();
    expect(useTestPicture).toHaveBeenCalledOnce();
  });

  it("are two where the reasons differ", () => {
    const { video, audio } = notices({ video: "device_busy", audio: "no_device" });
    expect([video?.text, audio?.text]).toEqual(["video.", "audio."]);
    expect(labels(audio)).toEqual(["Try again"]);
  });

  it.each(["insecure_context", "blocked_by_page"])(
    "are not tried again in a page that may not use them (%s), which is said once",
    (code) => {
      const { video, audio } = notices({ video: code, audio: code });
      expect(labels(video)).toEqual(["Use a test picture"]);
      expect(audio).toBeNull();
    },
  );

  it("are no longer told of when they are on", () => {
    expect(notices({})).toEqual({ video: null, audio: null, screen: null });
  });
});
