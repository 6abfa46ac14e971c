/** The live diagram below the call, as a module: most calls are never looked at like this. */
import type { ModuleFactory } from "../call/modules";
import { LiveDiagram } from "../ui/live-diagram";
import { mountTracePanel } from "../ui/trace-panel";
import styles from "../ui/trace-panel.css";
import { provideSignals } from "./host-signals";
import { styled } from "./styled";

const factory: ModuleFactory<"trace-panel"> = (signals) => {
  provideSignals(signals);
  return {
    createPanel: (send) => new LiveDiagram(send),
    mount: (el, panel, view) => styled(el, styles, () => mountTracePanel(el, panel, view)),
  };
};

export default factory;
