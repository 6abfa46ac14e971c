/** "Check this page", as a module of the widget's; `doctor()` has the same checks as a bundle of its own. */
import type { ModuleFactory } from "../call/modules";
import { mountPreflight } from "../preflight/mount";
import styles from "../preflight/style.css";
import { styled } from "./styled";

const factory: ModuleFactory<"preflight"> = () => ({
  mount: (el, options) => styled(el, styles, () => mountPreflight(el, options)),
});

export default factory;
