/**
 * Tells the component library the page's nonce: it puts one empty style element into the page to learn what the browser can do,
 * and looks for the nonce in this tag. Must be imported before the library.
 */
const nonce = document.currentScript?.nonce;
if (nonce !== undefined && nonce !== "") {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.content = nonce;
  document.head.append(meta);
}
