function (root, host) {
  "use strict";
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const radios = [...root.querySelectorAll("input[type=radio]")], rows = [...root.querySelectorAll(".al-line")];
  const place = (value) => `${Math.max(0, Math.min(100, (100 * (value - data.low)) / (1 - data.low))).toFixed(2)}%`;

  function show(quiet) {
    const rung = radios.find((one) => one.checked).value, seed = part("seed").value;
    const said = data.rows.map((row, i) => {
      const found = row.rungs[rung], line = rows[i];
      line.querySelector(".al-number").textContent = found ? found.said : "not run";
      line.classList.toggle("al-none", !found);
      if (!found) return `${row.words}: not run`;
      line.style.setProperty("--from", place(found.low));
      line.style.setProperty("--to", place(found.high));
      line.style.setProperty("--at", place(found.value));
      line.querySelectorAll(".al-seed").forEach((dot, k) => {
        dot.hidden = !(k in found.seeds);
        dot.style.left = place(found.seeds[k] || data.low);
        dot.classList.toggle("al-faint", seed !== "" && Number(seed) !== k);
      });
      const own = seed === "" ? found.value : found.seeds[seed];
      return `${row.words} ${own === undefined ? "not run" : own.toFixed(3)}`;
    });
    root.querySelectorAll("[data-rung]").forEach((figure) => (figure.hidden = figure.dataset.rung !== rung));
    if (!quiet) part("said").textContent = `${rung}${seed === "" ? "" : `, seed ${seed}`}: ${said.join("; ")}.`;
  }
  for (const control of [...radios, part("seed")]) control.addEventListener("input", () => show());
  show(true);
}
