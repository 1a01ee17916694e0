function (root, host) {
  "use strict";
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const faces = [...root.querySelectorAll("[data-face]")], discs = [...root.querySelectorAll(".al-disc")];
  const bars = [...root.querySelectorAll(".al-bars i")], radius = part("radius");
  let points;

  function deaths() {
    // Prim's tree: the length of an edge is the distance at which two groups of points become one
    const best = points.map(([x, y]) => Math.hypot(x - points[0][0], y - points[0][1]));
    const left = new Set(points.keys());
    const found = [];
    left.delete(0);
    while (left.size) {
      const near = [...left].reduce((a, b) => (best[b] < best[a] ? b : a));
      found.push(best[near]);
      left.delete(near);
      for (const other of left) {
        best[other] = Math.min(best[other], Math.hypot(points[other][0] - points[near][0], points[other][1] - points[near][1]));
      }
    }
    return found.sort((a, b) => b - a);
  }
  function show(quiet) {
    const r = Number(radius.value), found = deaths(), groups = 1 + found.filter((death) => death > 2 * r).length;
    points.forEach(([x, y], i) => {
      faces[i].style.left = discs[i].style.left = `${x}%`;
      faces[i].style.top = discs[i].style.top = `${y}%`;
      discs[i].style.width = `${2 * r}%`;
    });
    found.forEach((death, i) => {
      bars[i].style.width = `${Math.min(100, death / data.widest)}%`;
      bars[i].classList.toggle("al-ended", death <= 2 * r);
    });
    part("line").style.left = `${Math.min(100, (2 * r) / data.widest)}%`;
    const words = `${r}, touching at ${+(2 * r).toFixed(1)}`;
    radius.parentNode.querySelector("output").textContent = words;
    radius.setAttribute("aria-valuetext", words);
    const said = `${groups} ${groups === 1 ? "group" : "groups"}; the longest bar is ${found[0].toFixed(1)} long, twice the radius at which it ends.`;
    part("groups").textContent = said;
    if (!quiet) part("said").textContent = said;
  }
  function move(i, x, y) {
    points[i] = [x, y].map((value) => Math.max(4, Math.min(96, value)));
    show();
  }
  faces.forEach((face, i) => {
    face.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-2, 0], ArrowRight: [2, 0], ArrowUp: [0, -2], ArrowDown: [0, 2] }[event.key];
      if (!step) return;
      event.preventDefault();
      move(i, points[i][0] + step[0], points[i][1] + step[1]);
    });
    face.addEventListener("pointerdown", (event) => face.setPointerCapture(event.pointerId));
    face.addEventListener("pointermove", (event) => {
      if (!face.hasPointerCapture(event.pointerId)) return;
      const box = part("plane").getBoundingClientRect();
      move(i, (100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height);
    });
  });
  radius.addEventListener("input", () => show());
  part("reset").addEventListener("click", () => {
    points = data.points.map((point) => [...point]);
    radius.value = data.radius;
    show();
  });
  points = data.points.map((point) => [...point]);
  show(true);
}
