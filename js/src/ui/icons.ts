/** Outlines on a 20 by 20 grid, drawn with the text's colour. */
const PATHS = {
  mic: "M7.5 5a2.5 2.5 0 0 1 5 0v4a2.5 2.5 0 0 1-5 0zM4.5 9a5.5 5.5 0 0 0 11 0M10 14.5v3M7 17.5h6",
  micOff:
    "M3 3l14 14M12.5 9V5a2.5 2.5 0 0 0-4.8-1M7.5 7.5V9a2.5 2.5 0 0 0 3.6 2.2M4.5 9a5.5 5.5 0 0 0 8.7 4.5M15.5 9a5.5 5.5 0 0 1-.6 2.5M10 14.5v3M7 17.5h6",
  camera:
    "M4.5 5.5h6a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-6a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2zM12.5 9l5-2.7v7.4l-5-2.7",
  cameraOff:
    "M3 3l14 14M8.5 5.5h2a2 2 0 0 1 2 2v2l5-3.2v7.4l-1.8-1.1M5 5.5h-.5a2 2 0 0 0-2 2v5a2 2 0 0 0 2 2h6a2 2 0 0 0 1.8-1",
  screen:
    "M4.3 3.5h11.4a1.8 1.8 0 0 1 1.8 1.8v6.4a1.8 1.8 0 0 1-1.8 1.8H4.3a1.8 1.8 0 0 1-1.8-1.8V5.3a1.8 1.8 0 0 1 1.8-1.8zM6.5 17h7M10 11V6.3M7.8 8.3L10 6.1l2.2 2.2",
  devices:
    "M2.5 6.2h7.3M14 6.2h3.5M2.5 13.8H6M10.2 13.8h7.3M9.8 6.2a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0-4.2 0M6 13.8a2.1 2.1 0 1 0 4.2 0a2.1 2.1 0 1 0-4.2 0",
  leave:
    "M2.6 12.3c-.6-1.7.2-3.2 1.9-3.9a14 14 0 0 1 11 0c1.7.7 2.5 2.2 1.9 3.9l-.2.5a1 1 0 0 1-1.2.6l-2.5-.7a1 1 0 0 1-.7-1v-1.7a10 10 0 0 0-5.6 0v1.7a1 1 0 0 1-.7 1l-2.5.7a1 1 0 0 1-1.2-.6z",
  stats: "M4 16v-4M8 16V9M12 16v-5M16 16V5",
  silent: "M3 8v4h3l4 3.5v-11L6 8zM13.5 8l4 4M17.5 8l-4 4",
  diagram: "M4.5 3v14M15.5 3v14M4.5 7h9.3M11.3 4.5L13.8 7l-2.5 2.5M15.5 13.5H6.2M8.7 11l-2.5 2.5L8.7 16",
  pause: "M7 4.5v11M13 4.5v11",
  resume: "M6.5 4.3l8.6 5.7-8.6 5.7z",
  step: "M5 4.5l7.3 5.5L5 15.5zM15 4.5v11",
  notebook: "M5 3h10v14H5zM8 3v14",
  record: "M5.5 10a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0",
  info: "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0M10 9.3v4.4M10 6.4v.1",
  warning: "M10 3.2l7.3 13.3H2.7zM10 8.5v3.7M10 14.3v.1",
  error: "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0M7.5 7.5l5 5M12.5 7.5l-5 5",
  connecting:
    "M3.5 10a1 1 0 1 0 2 0a1 1 0 1 0-2 0M9 10a1 1 0 1 0 2 0a1 1 0 1 0-2 0M14.5 10a1 1 0 1 0 2 0a1 1 0 1 0-2 0",
  broken:
    "M8.5 12l-2.1 2.1a2.9 2.9 0 0 1-4.1-4.1L4.5 8M11.5 8l2.1-2.1a2.9 2.9 0 0 1 4.1 4.1L15.5 12M7 5V3M5 5.5L3.5 4M13 15v2M15 14.5l1.5 1.5",
  away: "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0M10 5.8V10l3 1.9",
  people:
    "M5 7a2.7 2.7 0 1 0 5.4 0a2.7 2.7 0 1 0-5.4 0M2.5 16a5.2 5.2 0 0 1 10.4 0M12.8 4.5a2.7 2.7 0 0 1 0 5M14.5 11.6a5.2 5.2 0 0 1 3 4.4",
} as const;

/** One of these, or an outline of one's own. */
export type IconName = keyof typeof PATHS | `M${string}`;

const SVG = "http://www.w3.org/2000/svg";

/** An icon. It is hidden from screen readers: whatever it says is also said in words beside it. */
export function icon(doc: Document, name: IconName): SVGSVGElement {
  const svg = doc.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "rtcw-icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(doc.createElementNS(SVG, "path"));
  setIcon(svg, name);
  return svg;
}

/** Show another icon in the same element. */
export function setIcon(svg: SVGSVGElement, name: IconName): void {
  svg.firstElementChild?.setAttribute("d", PATHS[name as keyof typeof PATHS] ?? name);
}
