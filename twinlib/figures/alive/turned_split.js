function (root, host) {
  "use strict";
  const part = (name) => root.querySelector(`[data-al="${name}"]`);
  const data = host ? host.data : JSON.parse(part("data").textContent);
  const slider = part("yaw"), images = [...root.querySelectorAll("img")];
  const count = data.steps.length;

  function show() {
    const i = Number(slider.value), step = data.steps[i];
    for (const image of images) image.style.transform = `translateX(${(-100 * i) / count}%)`;
    for (const name of ["nose", "middle"]) part(name).style.left = `${step[name]}%`;
    root.style.setProperty("--cut", `${step.nose}%`);
    root.style.setProperty("--move", `${(100 - step.nose) / 2}%`);
    root.style.setProperty("--back", `${-step.nose / 2}%`);
    root.querySelector("output").textContent = step.said;
    slider.setAttribute("aria-valuetext", step.said);
    part("said").textContent = step.told;
  }
  slider.addEventListener("input", show);
  part("reset").addEventListener("click", () => {
    slider.value = data.start;
    show();
  });
  show();
}
