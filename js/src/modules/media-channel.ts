/** Media over the notebook's own connection, as a module: most calls need nothing but ICE. */
import type { ModuleFactory } from "../call/modules";
import { Channels } from "../media-channel/channels";
import { provideSignals } from "./host-signals";

const factory: ModuleFactory<"media-channel"> = (signals) => {
  provideSignals(signals);
  return {
    follow: (options) => {
      const channels = new Channels(options);
      return () => channels.close();
    },
  };
};

export default factory;
