function (root, host) {
  "use strict";
  // Everything works on stored numbers: scores and thresholds are the decimals of the record, compared as they are.
  const part = (name) => root.querySelector(`[data-twi="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const OUTCOMES = { TP: "one person, accepted", FP: "two people, accepted", FN: "one person, rejected", TN: "two people, rejected" };
  const state = { kind: "all", order: "near", threshold: null, at: 0, pairs: [] };

  function outcome(score, same, threshold) {
    return score >= threshold ? (same ? "TP" : "FP") : same ? "FN" : "TN";
  }
  function count(scores, same, threshold) {
    const counts = { TP: 0, FP: 0, FN: 0, TN: 0 };
    scores.forEach((score, i) => (counts[outcome(score, same[i], threshold)] += 1));
    return counts;
  }
  function option(select, value, text) {
    const item = document.createElement("option");
    item.value = value;
    item.textContent = text;
    select.append(item);
  }

  // --- which pairs, in which order ---------------------------------------------------------------------------------
  function protocol() {
    return state.kind === "all" ? data.protocol_of.twin || Object.keys(data.tests)[0] : data.protocol_of[state.kind];
  }
  function choose() {
    const kept = data.pairs.filter((pair) => state.kind === "all" || pair.kind === state.kind);
    const key = { near: (p) => Math.abs(p.score - state.threshold), down: (p) => -p.score, up: (p) => p.score }[state.order];
    state.pairs = kept.map((pair) => [key(pair), pair]).sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
    state.at = 0;
  }

  // --- what is drawn -----------------------------------------------------------------------------------------------
  function card(pair, i) {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.id = `${root.id}-${i}`;
    for (const name of [pair.a, pair.b]) {
      const image = document.createElement("img");
      image.src = data.images[name].src;
      image.alt = `rendered face ${name}`;
      item.append(image);
    }
    const words = document.createElement("div");
    words.append(`${data.kinds[pair.kind]} `, document.createElement("b"));
    item.append(words);
    item.addEventListener("click", () => select(i));
    return item;
  }
  function recolour() {
    part("list").childNodes.forEach((item, i) => {
      const pair = state.pairs[i], found = outcome(pair.score, pair.same, state.threshold);
      item.dataset.outcome = found;
      item.querySelector("b").textContent = `${pair.score.toFixed(3)} ${found}`;
      const seen = `${data.kinds[pair.kind]} ${pair.score.toFixed(3)} ${found}`; // what is seen comes first in what is said
      item.setAttribute("aria-label", `${seen}: score ${pair.score.toFixed(3)}, ${OUTCOMES[found]}`);
    });
  }
  function row(name, counts) {
    const line = document.createElement("tr"), head = document.createElement("th");
    head.scope = "row";
    head.textContent = name;
    line.append(head);
    for (const key of Object.keys(OUTCOMES)) {
      const cell = document.createElement("td");
      cell.textContent = counts[key];
      cell.dataset.count = key;
      line.append(cell);
    }
    return line;
  }
  function tell() {
    const t = state.threshold, test = data.tests[protocol()];
    const here = count(state.pairs.map((p) => p.score), state.pairs.map((p) => p.same), t);
    const all = count(test.scores, test.same, t);
    part("counts").replaceChildren(row("shown below", here), row(`all test pairs of protocol ${protocol()}`, all));
    const rate = (a, b) => (b ? `${((100 * a) / b).toFixed(1)} %` : "none");
    part("said").textContent =
      `At ${part("threshold-value").textContent}: ${rate(all.FP, all.FP + all.TN)} of two people accepted, ` +
      `${rate(all.FN, all.FN + all.TP)} of one person rejected, over ${test.scores.length} test pairs.`;
  }
  function facts(name) {
    const known = data.images[name].facts;
    return `${name}: ` + Object.entries(known).map(([key, value]) => `${key.replace("_", " ")} ${value}`).join(", ");
  }
  function detail() {
    const pair = state.pairs[state.at];
    for (const [side, name] of [["a", pair.a], ["b", pair.b]]) {
      part(`image-${side}`).src = data.images[name].src;
      part(`image-${side}`).alt = `rendered face ${name}, enlarged`;
      part(`facts-${side}`).textContent = facts(name);
      draw(part(`map-${side}`), data.images[name].maps);
    }
    const found = outcome(pair.score, pair.same, state.threshold);
    part("about").textContent =
      `Pair ${state.at + 1} of ${state.pairs.length}: ${data.kinds[pair.kind]}, score ${pair.score.toFixed(3)}, ` +
      `threshold ${part("threshold-value").textContent}: ${OUTCOMES[found]} (${found}).`;
  }
  function draw(canvas, maps) {
    const on = part("overlay").checked && maps, pen = canvas.getContext("2d");
    canvas.dataset.shown = on ? `${part("region").value} ${part("scale").value}` : "";
    canvas.width = canvas.height = 224;
    if (!on) return;
    const region = part("region").value;
    const map = maps[`${region}@${part("scale").value}`] || maps[`${region}@0`];
    const bytes = Uint8Array.from(atob(map.bytes), (letter) => letter.charCodeAt(0));
    const small = new OffscreenCanvas(map.width, bytes.length / map.width), paint = small.getContext("2d");
    const pixels = paint.createImageData(small.width, small.height);
    bytes.forEach((value, i) => pixels.data.set([255, 190 - value / 2, 0, (200 * value) / 255], 4 * i));
    paint.putImageData(pixels, 0, 0);
    pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  }

  // --- what the reader does ----------------------------------------------------------------------------------------
  function select(i) {
    state.at = Math.max(0, Math.min(state.pairs.length - 1, i));
    part("list").childNodes.forEach((item, k) => item.setAttribute("aria-selected", k === state.at));
    const item = part("list").childNodes[state.at], box = part("list");
    box.setAttribute("aria-activedescendant", item.id);
    if (item.offsetTop < box.scrollTop || item.offsetTop + item.offsetHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = item.offsetTop - box.clientHeight / 3;
    detail();
  }
  function relist() {
    choose();
    part("list").replaceChildren(...state.pairs.map(card));
    retell();
  }
  function retell() {
    recolour();
    tell();
    select(state.at);
  }
  function threshold(value, text) {
    state.threshold = value;
    part("threshold-value").textContent = text;
  }
  function toValidation() {
    const value = data.thresholds[protocol()];
    part("threshold").value = value;
    threshold(value, String(value));
  }
  part("threshold").addEventListener("input", (event) => {
    threshold(parseFloat(event.target.value), event.target.value);
    retell();
  });
  part("threshold").addEventListener("change", () => state.order === "near" && relist());
  part("reset").addEventListener("click", () => (toValidation(), relist()));
  for (const name of ["kind", "order"])
    part(name).addEventListener("change", (event) => ((state[name] = event.target.value), relist()));
  for (const name of ["overlay", "region", "scale"]) part(name).addEventListener("change", () => (scales(), detail()));
  part("list").addEventListener("keydown", (event) => {
    const far = state.pairs.length;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -far, End: far }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    select(state.at + step);
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "a" || event.ctrlKey || event.metaKey || event.target.tagName === "SELECT") return;
    part("overlay").click();
  });
  function scales() {
    const seen = data.maps && data.images[data.pairs[0].a].maps; // what has one map only has no scale
    part("scale").disabled = !seen || `${part("region").value}@0` in seen;
  }

  // --- what a kernel can do besides ----------------------------------------------------------------------------------
  function asked(own) {
    const question = { own, kind: state.kind === "all" ? "twin" : state.kind, threshold: state.threshold };
    for (const control of part("bench").querySelectorAll("[data-ask]")) {
      question[control.dataset.ask] =
        control.type === "checkbox" ? control.checked : control.type === "range" ? Number(control.value) : control.value;
    }
    question.layer = part("overlay").checked ? [part("region").value, part("scale").value] : null;
    return question;
  }
  function compare(own) {
    host.ask(asked(own), (found) => {
      for (const [name, choices] of Object.entries(found.choices)) {
        const select = part("bench").querySelector(`[data-ask="${name}"]`);
        select.replaceChildren();
        for (const choice of choices.all) option(select, choice, choice);
        select.value = choices.chosen;
      }
      for (const side of ["a", "b"]) {
        part(`image-${side}`).src = found[side];
        part(`facts-${side}`).textContent = found.facts[side];
        draw(part(`map-${side}`), null);
      }
      part("about").textContent = found.said;
    });
  }
  function bench() {
    part("bench").hidden = false;
    for (const [name, [words, min, max, step, value]] of Object.entries(data.factors)) {
      const label = document.createElement("label"), slider = document.createElement("input");
      Object.assign(slider, { type: "range", min, max, step });
      slider.value = value;
      slider.dataset.ask = name;
      label.append(`${words} `, slider);
      part("factors").append(label);
    }
    part("bench").addEventListener("change", (event) => event.target.type !== "text" && compare(false));
    part("bench").addEventListener("toggle", () => part("bench").open && compare(false));
    part("own").addEventListener("click", () => compare(true));
  }

  // --- begin -------------------------------------------------------------------------------------------------------
  option(part("kind"), "all", "all");
  for (const kind of new Set(data.pairs.map((pair) => pair.kind))) option(part("kind"), kind, data.kinds[kind]);
  for (const name of data.maps ? data.maps.regions : []) option(part("region"), name, name);
  for (const scale of data.maps ? data.maps.scales : []) option(part("scale"), scale, `scale ${scale}×`);
  for (const name of ["overlay", "region", "scale"]) part(name).disabled = !data.maps;
  scales();
  const every = data.pairs.map((pair) => pair.score);
  part("threshold").min = (Math.floor(1000 * Math.min(...every)) / 1000).toFixed(3);
  part("threshold").max = (Math.ceil(1000 * Math.max(...every)) / 1000 + 0.001).toFixed(3);
  toValidation();
  relist();
  if (host) bench();
}
