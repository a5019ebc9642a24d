// The size of one product over an area, from what its record states.
"use strict";
(() => {
  const form = document.querySelector("[data-size]");
  if (!form) return;
  const { perKm2, vectorBytes } = form.dataset;
  const answer = () => {
    const [area, steps] = ["area", "steps"].map((name) => Number(form.elements[name].value));
    form.querySelector("output").textContent = area > 0 && steps >= 1 ? `at most ${atlas.size(Math.ceil(area * perKm2) * steps * vectorBytes)}` : "enter an area and a number of time steps";
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", answer);
  answer();
})();
