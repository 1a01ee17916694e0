// Paper cannot be opened or scrolled: before a page is printed its pictures are loaded and its answers opened.
addEventListener("beforeprint", () => {
  document.querySelectorAll("img[loading=lazy]").forEach((image) => (image.loading = "eager"));
  document.querySelectorAll("details:not([open])").forEach((each) => {
    each.open = true;
    each.dataset.shut = "";
  });
});
addEventListener("afterprint", () => {
  document.querySelectorAll("details[data-shut]").forEach((each) => {
    each.open = false;
    delete each.dataset.shut;
  });
});
