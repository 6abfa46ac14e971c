import { expect, it } from "vitest";
import { outcomeOf, worded } from "../../src/join/outcomes";
import { FATAL } from "../../src/protocol/errors";

/** What only a kernel's own page is told. */
const NOT_HERE = ["kernel_gone", "bad_room"];
/** What the relay alone can say: which character of a name is wrong. */
const AS_THE_RELAY_SAYS = ["bad_name"];
const ANOTHER_MAY_DO = ["taken_over", "bad_name", "not_admitted", "nobody_answered"];

it.each(FATAL.filter((code) => !NOT_HERE.includes(code)))(
  "says in words of its own what %s means",
  (code) => {
    const { title, text, again } = outcomeOf({ code, message: "as the relay says it" });
    expect(title).not.toContain("could not be joined");
    expect(text === "as the relay says it").toBe(AS_THE_RELAY_SAYS.includes(code));
    // Only where a person's other attempt may do.
    expect(again !== null).toBe(ANOTHER_MAY_DO.includes(code));
  },
);

it.each(["not_admitted", "nobody_answered", "waiting_full"])("lets somebody ask again: %s", (code) => {
  expect(outcomeOf({ code, message: "x" })).toMatchObject({
    again: "Ask again",
    text: expect.not.stringMatching(/^x$/),
  });
});

it("says what a later relay says, and lets it be tried again", () => {
  for (const code of ["something new", "constructor"])
    expect(outcomeOf({ code, message: "No." })).toEqual({
      code,
      title: "The call could not be joined",
      text: "No.",
      again: "Try again",
    });
});

it("says nothing of notebooks to somebody without one", () => {
  const notice = { level: "error", title: "x", text: 'Plug one in, or use video="pattern".' } as const;
  expect(worded({ ...notice, code: "no_device" }).text).not.toContain("video=");
  expect(worded({ ...notice, code: "recorded" })).toEqual({ ...notice, code: "recorded" });
});
