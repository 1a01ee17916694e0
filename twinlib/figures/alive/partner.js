function (root, host) {
  "use strict";
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const radios = [...root.querySelectorAll("input[type=radio]")];

  function show() {
    const chosen = radios.find((one) => one.checked).value, block = part("block").value;
    const [own, other, said] = data.maps[chosen][block];
    part("own").src = own;
    part("second").hidden = chosen === "";
    if (chosen) {
      part("face").src = data.faces[chosen];
      part("other").src = other;
      part("called").textContent = chosen;
    }
    part("said").textContent = said;
  }
  for (const control of [...radios, part("block")]) control.addEventListener("input", show);
  show();
}
