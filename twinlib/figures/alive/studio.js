function (root, host) {
  "use strict";
  // Scores are the stored decimals and are compared as they are. A page looks them up; a host draws and scores anew.
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const factors = Object.keys(data.factors), sliders = factors.map(part);
  const radios = [...root.querySelectorAll("input[type=radio]")];
  const rows = [...root.querySelectorAll(".al-judge")];
  let before = null, asked = 0;

  const family = () => radios.find((one) => one.checked).value;
  const steps = () => sliders.map((one) => Number(one.value));

  function stored(name, [asymmetry, marks, divergence, age, yaw]) {
    const i = ((divergence * 3 + age) * 3 + yaw) * 9 + asymmetry * 3 + marks;
    const folder = `${data.base}/${name}`;
    return {
      a: `${folder}/a-${divergence}.webp`, b: `${folder}/b-${divergence}${age}${yaw}.webp`, tile: [marks, asymmetry],
      scores: data.scores[name].map((scores) => scores[i]),
    };
  }
  function picture(image, source, tile) {
    if (image.getAttribute("src") !== source) image.src = source;
    image.style.width = image.style.height = tile ? "300%" : "100%";
    image.style.transform = tile ? `translate(${(-100 * tile[0]) / 3}%, ${(-100 * tile[1]) / 3}%)` : "none";
  }
  function place(network, score) {
    const [low, high] = network.scale;
    return `${Math.max(0, Math.min(100, (100 * (score - low)) / (high - low))).toFixed(2)}%`;
  }
  function verdict(network, score) {
    return score === null ? "no face found" : score >= network.threshold ? "accepted as one person" : "told apart as two";
  }
  function show(found, quiet) {
    picture(part("image-a"), found.a, found.tile);
    picture(part("image-b"), found.b, found.tile);
    const changed = [];
    data.networks.forEach((network, i) => {
      const score = found.scores[i], row = rows[i], now = verdict(network, score);
      row.querySelector(".al-score").textContent = score === null ? "–" : score.toFixed(3);
      row.querySelector(".al-verdict").textContent = now;
      row.dataset.same = Number(score !== null && score >= network.threshold);
      row.style.setProperty("--at", place(network, score === null ? network.scale[0] : score));
      const was = before && before[i] !== null ? before[i] : score;
      row.style.setProperty("--was", place(network, was === null ? network.scale[0] : was));
      if (before && verdict(network, before[i]) !== now) changed.push(`${network.words}: ${now}`);
    });
    if (!quiet) {
      part("said").textContent = changed.length ? `Changed its mind: ${changed.join("; ")}.` : "No network changed its mind.";
    }
    before = found.scores;
  }
  function label(slider) {
    const text = data.factors[slider.dataset.al].steps[slider.value];
    slider.setAttribute("aria-valuetext", text);
    slider.parentNode.querySelector("output").textContent = text;
  }
  function update(quiet) {
    sliders.forEach(label);
    if (host) {
      const number = (asked += 1);
      host.ask({ family: family(), steps: steps() }, (found) => number === asked && show(found, quiet));
      return;
    }
    show(stored(family(), steps()), quiet);
    if (quiet) return;
    try {
      history.replaceState(null, "", `#studio=${[family(), ...steps()].join(".")}`);
    } catch (error) {
      /* a page opened from disk may not change its address */
    }
  }
  function fromAddress() {
    const [name, ...given] = (location.hash.match(/^#studio=(.+)$/) || ["", ""])[1].split(".");
    const radio = radios.find((one) => one.value === name);
    if (!radio || given.length !== sliders.length) return false;
    radio.checked = true;
    sliders.forEach((slider, i) => (slider.value = given[i]));
    return true;
  }

  for (const control of [...sliders, ...radios]) control.addEventListener("input", () => update(false));
  part("reset").addEventListener("click", () => {
    radios[0].checked = true;
    for (const slider of sliders) slider.value = data.factors[slider.dataset.al].start;
    update(false);
  });
  addEventListener("beforeprint", () => root.querySelectorAll("details").forEach((one) => (one.open = true)));
  addEventListener("hashchange", () => fromAddress() && update(true));
  if (!host && fromAddress()) root.querySelector("details").open = true;
  update(true);
}
