import { withHtmx } from "./net.js";

let last = Promise.resolve();

/**
 * Let a part of the page come anew from its address, in its own place; done when it stands there.
 *
 * One after the other: two at once would leave what was asked for first, or what came last by chance.
 */
export function anew(id, address) {
  const come = async () => {
    const target = document.getElementById(id);
    const how = { target, select: `#${id}`, swap: "outerHTML" };
    await withHtmx((htmx) => htmx.ajax("GET", address(target), how));
  };
  last = last.then(come, come);
  return last;
}
