import htmx from "htmx.org";

// htmx as it is used here; net.js brings it in.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.historyCacheSize = 0;
// Nothing is animated by attributes, and a style that is copied as text the content policy refuses.
htmx.config.attributesToSettle = [];
// A refused form comes back as 422 (or 409) with its errors in it: show it.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "409", swap: true },
  { code: "[45]..", swap: false, error: true },
];

export { htmx };
