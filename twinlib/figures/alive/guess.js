function (root) {
  "use strict";
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = JSON.parse(part("data").textContent);
  const buttons = [...root.querySelectorAll("[data-guess]")], rows = [...root.querySelectorAll(".al-judge")];
  let seed, order, at, given;

  function random(state) {
    return () => {
      // mulberry32: the same address draws the same ten pairs on every machine
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  function draw() {
    const next = random(seed), left = [0, 1].map((same) => data.pairs.filter((pair) => pair.same === same));
    return Array.from({ length: data.round }, () => {
      const pool = left[next() < 0.5 ? 0 : 1]; // a coin each time: with five of each the last could be counted out
      return pool.splice(Math.floor(next() * pool.length), 1)[0];
    });
  }
  const says = (network, score) => Number(score >= network.threshold);
  const word = (same) => (same ? "one person" : "two people");
  const marks = (count) => (count === 1 ? "one mark" : `${count || "no"} marks`);

  function reason(pair) {
    const [left, right] = pair.marks.map((each) => each.length);
    if (pair.same) {
      return left + right
        ? `Marks stay where they are: ${marks(left)} to be seen on the left, ${marks(right)} on the right (circled).`
        : "No mark shows; light and turn alone differ.";
    }
    return left + right
      ? `No mark is shared: ${marks(left)} on the left, ${marks(right)} on the right (circled).`
      : `No mark shows; the asymmetries of the two differ by ${pair.asymmetry} cm.`;
  }
  function circles(pair) {
    const svg = part("marks");
    svg.replaceChildren();
    for (const [side, places] of (pair ? pair.marks : []).entries()) {
      for (const [x, y] of places) {
        const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
        for (const [key, value] of Object.entries({ cx: x + 112 * side, cy: y, r: 4.5 })) ring.setAttribute(key, value);
        svg.append(ring);
      }
    }
  }
  function ask() {
    part("picture").src = `${data.base}/${order[at].file}`;
    circles(null);
    part("count").textContent = `Pair ${at + 1} of ${data.round}: one person or two?`;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", "false");
      button.removeAttribute("aria-disabled");
    }
    part("networks").hidden = part("next").hidden = part("end").hidden = true;
    part("show").hidden = false;
  }
  function answer(guess) {
    if (given.length > at) return; // answered buttons stay where they are, and do nothing
    const pair = order[at], two = guess === null ? null : Number(guess > 1);
    given.push(guess);
    for (const button of buttons) {
      button.setAttribute("aria-disabled", "true");
      button.setAttribute("aria-pressed", String(Number(button.dataset.guess) === guess));
    }
    const hit = two === null ? "" : two === 1 - pair.same ? "Right. " : "Wrong. ";
    part("said").textContent = `${hit}${pair.same ? "One person." : "Two people, identical twins."} ${reason(pair)}`;
    circles(pair);
    data.networks.forEach((network, i) => {
      const score = pair.scores[i], [low, high] = network.scale, row = rows[i], same = says(network, score);
      row.style.setProperty("--at", `${((100 * (score - low)) / (high - low)).toFixed(2)}%`);
      row.dataset.same = same;
      row.querySelector(".al-score").textContent = score.toFixed(3);
      row.querySelector(".al-verdict").textContent = `${word(same)}, ${same === pair.same ? "right" : "wrong"}`;
    });
    part("networks").hidden = part("next").hidden = false;
    part("show").hidden = true;
    part("next").textContent = at + 1 < data.round ? "Next pair" : "The result";
    part("next").focus();
  }
  function line(name, hits, asked) {
    const [low, high] = asked ? data.intervals[asked - 1][hits] : [0, 1];
    const row = document.createElement("tr");
    for (const text of [name, asked ? `${hits} of ${asked}` : "–", asked ? `${low.toFixed(2)} to ${high.toFixed(2)}` : "–"]) {
      const cell = document.createElement(row.children.length ? "td" : "th");
      if (!row.children.length) cell.scope = "row";
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  }
  function result() {
    const guessed = given.map((guess, i) => [guess, order[i]]).filter(([guess]) => guess !== null);
    const hits = guessed.filter(([guess, pair]) => Number(guess > 1) === 1 - pair.same).length;
    const table = document.createElement("table");
    table.innerHTML =
      "<caption>On these pairs, with exact 95 % intervals</caption><thead><tr><th scope=col>who</th>" +
      "<th scope=col>right</th><th scope=col>share, interval</th></tr></thead><tbody></tbody>";
    table.tBodies[0].append(line("you", hits, guessed.length));
    data.networks.forEach((network, i) => {
      const right = order.filter((pair) => says(network, pair.scores[i]) === pair.same).length;
      table.tBodies[0].append(line(network.words, right, data.round));
    });
    part("end").replaceChildren(table);
    part("end").hidden = false;
    part("networks").hidden = part("next").hidden = true;
    part("said").textContent = guessed.length
      ? `You had ${hits} of ${guessed.length}. Ten pairs say little: look how wide the intervals are.`
      : "You guessed no pair.";
    part("again").focus();
  }
  function start(number) {
    seed = number;
    order = draw();
    at = 0;
    given = [];
    try {
      history.replaceState(null, "", `#guess=${seed}`);
    } catch (error) {
      /* a page opened from disk may not change its address */
    }
    ask();
  }
  function next() {
    at += 1;
    if (at < data.round) {
      part("said").textContent = `Pair ${at + 1}. One person or two?`;
      ask();
      buttons[0].focus();
    } else result();
  }

  for (const button of buttons) button.addEventListener("click", () => at < data.round && answer(Number(button.dataset.guess)));
  part("show").addEventListener("click", () => answer(null));
  part("next").addEventListener("click", next);
  part("again").addEventListener("click", () => {
    part("said").textContent = "Ten new pairs.";
    start(Math.floor(Math.random() * 1e6));
    buttons[0].focus();
  });
  addEventListener("keydown", (event) => {
    const key = "1234".indexOf(event.key), typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (key < 0 || event.key === "" || typing || event.ctrlKey || event.metaKey || event.altKey || at >= data.round) return;
    answer(key);
  });
  const asked = location.hash.match(/^#guess=(\d+)$/);
  start(asked ? Number(asked[1]) : Math.floor(Math.random() * 1e6));
}
