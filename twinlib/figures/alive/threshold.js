function (root, host) {
  "use strict";
  // Counts come from the stored scores as whole numbers of a millionth, never from what is drawn.
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const slider = part("threshold");
  let run, genuine, impostor, at;

  function scores(text) {
    const bytes = atob(text), numbers = [], found = [];
    let value = 0, shift = 0;
    for (let i = 0; i < bytes.length; i += 1) {
      const byte = bytes.charCodeAt(i);
      value += (byte & 127) * 2 ** shift;
      shift += 7;
      if (byte < 128) {
        numbers.push(value);
        value = shift = 0;
      }
    }
    for (let i = 0, level = -1000000; i < numbers.length; i += 2) {
      level += numbers[i]; // a step, then how many scores lie there
      for (let k = 0; k < numbers[i + 1]; k += 1) found.push(level);
    }
    return found; // rising
  }
  function reach(rising, threshold) {
    let low = 0, high = rising.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rising[middle] < threshold) low = middle + 1;
      else high = middle;
    }
    return rising.length - low;
  }
  function share(some, all) {
    const text = ((100 * some) / all).toFixed(1);
    const near = text === "0.0" && some ? "under 0.1" : text === "100.0" && some < all ? "over 99.9" : text;
    return `${some} of ${all}, ${near} %`;
  }
  const x = (threshold) => ((threshold / 1e6 - run.low) / (run.high - run.low)) * 600;

  function show(threshold, quiet) {
    at = threshold;
    const tp = reach(genuine, at), fp = reach(impostor, at);
    const counts = { tp, fp, fn: genuine.length - tp, tn: impostor.length - fp };
    for (const [name, count] of Object.entries(counts)) part(name).textContent = count;
    const place = Math.max(0, Math.min(600, x(at)));
    part("line").setAttribute("x1", place);
    part("line").setAttribute("x2", place);
    part("point").setAttribute("cx", (100 * fp) / impostor.length);
    part("point").setAttribute("cy", 100 - (100 * tp) / genuine.length);
    const words = tp + fp ? String(at / 1e6) : `${at / 1e6}, nobody accepted`;
    slider.parentNode.querySelector("output").textContent = words;
    slider.setAttribute("aria-valuetext", words);
    if (!quiet) {
      part("said").textContent =
        `At ${words}: of two people ${share(fp, impostor.length)} accepted as one; ` +
        `of one person ${share(counts.fn, genuine.length)} told apart.`;
    }
  }
  function jump(threshold) {
    slider.value = threshold / 1e6;
    show(threshold);
  }
  function choose(quiet) {
    const network = part("network").value, protocol = part("protocol").value;
    run = data.runs.find((one) => one.network === network && one.protocol === protocol);
    [genuine, impostor] = [run.genuine, run.impostor].map(scores);
    part("title").textContent = run.title;
    for (const name of ["up", "down", "roc"]) part(name).setAttribute("d", run[name]);
    slider.min = run.low;
    slider.max = run.high;
    part("mark").setAttribute("x1", x(run.at.validation));
    part("mark").setAttribute("x2", x(run.at.validation));
    slider.value = run.at.validation / 1e6;
    show(run.at.validation, quiet);
  }
  slider.addEventListener("input", () => show(Math.round(slider.value * 1e6)));
  for (const name of ["network", "protocol"]) part(name).addEventListener("change", () => choose(false));
  for (const button of root.querySelectorAll("[data-at]")) {
    button.addEventListener("click", () => jump(run.at[button.dataset.at]));
  }
  choose(true);
}
