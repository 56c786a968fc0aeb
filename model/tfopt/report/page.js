// Draws the charts, sorts the tables, and changes between light and dark. Nothing here loads anything.
(() => {
  "use strict";
  const root = document.documentElement;
  const charts = [...document.querySelectorAll(".chart")];
  const options = { displayModeBar: false, doubleClick: false, showTips: false };

  // Colours in charts are names of page.css, which Plotly does not know.
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  function resolved(key, value) {
    if (typeof value !== "string" || !/^var\(--[a-z0-9-]+\)$/.test(value)) return value;
    probe.style.color = value;
    return getComputedStyle(probe).color;
  }

  function draw(chart) {
    if (chart.closest("details:not([open])")) return; // texts have no width there
    const plot = chart.querySelector(".plot");
    const { data, layout } = JSON.parse(chart.querySelector("script").textContent, resolved);
    Plotly.react(plot, data, { ...layout, width: plot.clientWidth }, options);
  }

  const button = document.getElementById("theme");
  function show(theme) {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", `${button.textContent} theme`);
    charts.forEach(draw);
  }
  button.addEventListener("click", () => show(root.dataset.theme === "dark" ? "light" : "dark"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) =>
    show(event.matches ? "dark" : "light"));

  // Seen on its way down, since it does not bubble.
  addEventListener("toggle", (event) => event.target.querySelectorAll(".chart").forEach(draw), true);

  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return; // a phone's address bar comes and goes
    width = innerWidth;
    charts.forEach(draw);
  });

  // On paper the page is light and narrow; charts have to be told of both.
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.classList.add("paper");
    show("light");
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    show(theme);
  });

  // What has a key is sorted by it, other cells by their text; empty ones come last.
  function sort(heading) {
    const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    const body = heading.closest("table").tBodies[0];
    const cell = (row) => row.cells[heading.cellIndex];
    const compare = (a, b) => {
      const empty = (a.textContent === "") - (b.textContent === "");
      if (empty) return empty;
      const byKey = a.dataset.key - b.dataset.key;
      return direction * (Number.isNaN(byKey)
        ? a.textContent.localeCompare(b.textContent, "en", { numeric: true }) : byKey);
    };
    body.append(...[...body.rows].sort((one, other) => compare(cell(one), cell(other))));
  }
  for (const heading of document.querySelectorAll("thead th")) {
    heading.firstElementChild.addEventListener("click", () => sort(heading));
  }

  show(root.dataset.theme);
})();
