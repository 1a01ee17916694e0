// Previews of links, citations and symbols: by pointer, focus and tap; Escape closes. Texts come from previews.js, which is
// loaded when a reader first points at a link; opened from disk it works as well. Without this script links are links.
(() => {
  "use strict";
  const TEXTS = document.currentScript.src.replace(/[^/]*$/, "previews.js");
  let loading, box, shownFor, timer;

  function texts() {
    loading ??= new Promise((done) => {
      const script = document.createElement("script");
      script.src = TEXTS;
      script.onload = script.onerror = () => done(window.twinlibPreviews ?? {});
      document.head.append(script);
    });
    return loading;
  }

  function key(link) {
    const address = new URL(link.href, location.href);
    const page = (path) => path.split("/").pop() || "index.html";
    if (address.host !== location.host || !page(address.pathname).endsWith(".html")) return null;
    if (!address.hash && page(address.pathname) === page(location.pathname)) return null;
    return page(address.pathname) + decodeURIComponent(address.hash);
  }

  function escaped(text) {
    const element = document.createElement("span");
    element.textContent = text;
    return element.innerHTML;
  }

  async function open(target) {
    let html;
    if (target.dataset.meaning) html = escaped(target.dataset.meaning);
    else {
      const found = key(target);
      html = found && (await texts())[found];
    }
    if (!html || target !== wanted) return;
    if (!box) {
      box = document.createElement("div");
      box.className = "twinlib-preview";
      box.id = "twinlib-preview";
      box.setAttribute("role", "tooltip");
      document.body.append(box);
    }
    close();
    box.innerHTML = html;
    box.hidden = false;
    shownFor = target;
    target.setAttribute("aria-describedby", box.id);
    const at = target.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left), document.documentElement.clientWidth - box.offsetWidth - 8);
    const below = at.bottom + box.offsetHeight + 8 < innerHeight;
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${(below ? at.bottom + 6 : at.top - box.offsetHeight - 6) + scrollY}px`;
  }

  function close() {
    if (box) box.hidden = true;
    shownFor?.removeAttribute("aria-describedby");
    shownFor = null;
  }

  let wanted;
  const of = (event) => event.target.closest?.("article a[href], article [data-meaning]");
  function begin(event) {
    const target = of(event);
    if (!target || target === shownFor) return;
    wanted = target;
    clearTimeout(timer);
    timer = setTimeout(() => open(target), event.type === "focusin" ? 0 : 150);
  }
  function end(event) {
    if (box?.contains(event.relatedTarget)) return;
    wanted = null;
    clearTimeout(timer);
    timer = setTimeout(close, 100);
  }
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && begin(event));
  document.addEventListener("pointerout", (event) => event.pointerType === "mouse" && end(event));
  document.addEventListener("focusin", begin);
  document.addEventListener("focusout", end);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  // A finger has no hover: the first tap opens the preview, the second follows the link.
  document.addEventListener("click", async (event) => {
    const target = of(event);
    if (!target || event.pointerType !== "touch" || target === shownFor || target.closest(".twinlib-downloads")) return;
    if (!target.dataset.meaning && !window.twinlibPreviews?.[key(target)]) return;
    event.preventDefault();
    wanted = target;
    open(target);
  });
})();
