"use strict";
(() => {
  // On a narrow screen the finding comes first: the contents are folded until they are asked for.
  const desk = matchMedia("(min-width: 64rem)");
  const unfold = () => { document.getElementById("contents").open = desk.matches; };
  desk.addEventListener("change", unfold);
  unfold();
  const table = document.getElementById("all");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const cell = row.cells[column];
    if (!("number" in cell.dataset)) return cell.textContent;
    return cell.dataset.number === "" ? null : Number(cell.dataset.number);
  };
  const compare = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
  };
  heads.forEach((head, column) => {
    head.querySelector("button")?.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      rows.sort((a, b) => sign * compare(value(a, column), value(b, column)));
      body.append(...rows);
    });
  });
  const hint = (box) => {
    const more = [];
    if (box.scrollHeight > box.clientHeight + 1) more.push("rows");
    if (box.scrollWidth > box.clientWidth + 1) more.push("columns");
    box.nextElementSibling.textContent = more.length ? `Scroll the table for more ${more.join(" and ")}.` : "";
  };
  const sizes = new ResizeObserver((changed) => changed.forEach(({ target }) => hint(target)));
  for (const box of document.querySelectorAll(".scroll")) {
    const line = document.createElement("p");
    line.className = "hint";
    box.after(line);
    sizes.observe(box);
  }
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    document.getElementById("shown").value = `${shown} of ${rows.length}`;
  });
})();
