// Colours of the map. The ramp is one hue up to 30 minutes and breaks to another beyond; the break also shows as disc against ring.

export const STEPS = [
  { upTo: 600, colour: "#9ecae1", label: "0–10" },
  { upTo: 1200, colour: "#4292c6", label: "10–20" },
  { upTo: 1800, colour: "#08488e", label: "20–30" },
  { upTo: 3600, colour: "#e6871e", label: "30–60" },
  { upTo: 5400, colour: "#a63603", label: "60–90" },
] as const;

export const UNKNOWN = "#7a7a7a";
export const LIMIT_S = 1800;
export const PIN = "#222b33";
