import { expect, it } from "vitest";
import { STRINGS } from "../../src/ui/strings";

it("explains a way that signaling goes, and only names one that it does not know", () => {
  expect(STRINGS.path("tunnel")).toBe("Signaling: tunnel, to the relay through the notebook's kernel");
  expect(STRINGS.path("constructor")).toBe("Signaling: constructor");
});
