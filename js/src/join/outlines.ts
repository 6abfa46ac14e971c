/** Outlines of the join page's own, as those of `ui/icons.ts`. */
export const FLIP =
  "M3.5 8a6.8 6.8 0 0 1 12.4-2M16.3 2.8V6.2h-3.4M16.5 12a6.8 6.8 0 0 1-12.4 2M3.7 17.2v-3.4h3.4";
export const CHAT =
  "M4.5 3.5h11a2 2 0 0 1 2 2v6.5a2 2 0 0 1-2 2H9.2L5.5 17v-3h-1a2 2 0 0 1-2-2V5.5a2 2 0 0 1 2-2zM6.5 7.3h7M6.5 10.3h4.5";
