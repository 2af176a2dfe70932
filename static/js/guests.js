import { withHtmx } from "./net.js";
import { toast } from "./toasts.js";

// A tap on a guest was saved: say it with a way back, which changes the same row again.
document.addEventListener("guest:saved", ({ detail }) => {
  const target = `#guest-${detail.id}`;
  const how = { target, swap: "outerHTML" };
  const again = () => withHtmx((htmx) => htmx.ajax("POST", detail.undo_url, how));
  toast(detail.text, detail.undo_url && again);
});
