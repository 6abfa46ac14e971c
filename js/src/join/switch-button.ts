import { button } from "../ui/button";
import type { JoinUi } from "./join-ui";
import { FLIP } from "./outlines";
import { JOIN_STRINGS } from "./strings";

/** The button for the camera that looks the other way, where there is another. */
export function switchButton(ui: JoinUi): HTMLElement {
  const { call, scope } = ui;
  const { local } = call;
  const { element, hint } = button(ui, {
    className: "rtcw-toggle rtcj-switch",
    icon: FLIP,
    label: JOIN_STRINGS.switchCamera,
    press: () => void call.switchCamera(),
  });
  hint(JOIN_STRINGS.switchHint);
  scope.effect(() => {
    element.hidden = local.devices.value.cameras.length < 2 || local.camera.value === null;
  });
  return element;
}
