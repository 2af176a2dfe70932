// The sentences of the page's language; the layout writes them on the body.
export const words = JSON.parse(document.body.dataset.words || "{}");
