/** The live diagram below the call, as a module: most calls are never looked at like this. */
import type { ModuleFactory } from "../call/modules";
import { mountTracePanel } from "../ui/trace-panel";
import styles from "../ui/trace-panel.css";
import { provideSignals } from "./host-signals";
import { styled } from "./styled";

const factory: ModuleFactory<"trace-panel"> = (signals) => {
  provideSignals(signals);
  return { mount: (el, panel, view) => styled(el, styles, () => mountTracePanel(el, panel, view)) };
};

export default factory;
