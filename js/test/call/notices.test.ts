import { expect, it } from "vitest";
import { noticeOf } from "../../src/call/notices";
import { RtcError } from "../../src/protocol/errors";

it.each(["constructor", "__proto__", "a code of a later relay"])(
  "shows an error whose code is %s under a title that says what it means",
  (code) => {
    expect(noticeOf(new RtcError(code, "No.")).title).toBe("The call could not be joined");
  },
);
