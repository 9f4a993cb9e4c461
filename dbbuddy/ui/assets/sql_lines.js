// The reviewed SQL with its findings below their lines. Every text is set as text, never as HTML.
const kept = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".sql");
  const state = kept.get(parentElement) ?? {};
  kept.set(parentElement, state);
  const scrolled = box.scrollTop;
  const pick = (finding) => {
    setTriggerValue("picked", finding);
    if (innerWidth < 768) setTimeout(showPanel, 500);
  };
  const focused = box.querySelector(".note:focus")?.dataset.finding;
  box.replaceChildren(...data.lines.flatMap((line) => [drawn(line, data.selected, pick), ...line.notes.map((note) => said(note, data.selected, pick))]));
  const width = () => box.style.setProperty("--shown", `${box.clientWidth}px`);
  state.observer?.disconnect();
  state.observer = new ResizeObserver(width);
  state.observer.observe(box);
  width();
  box.scrollTop = scrolled;
  if (focused !== undefined) box.querySelector(`.note[data-finding="${focused}"]`)?.focus({ preventScroll: true });
  const moment = `${data.review}-${data.selected}`;
  if (state.moment !== moment) {
    state.moment = moment;
    const chosen = box.querySelector(".note.chosen");
    if (chosen) {
      const top = chosen.offsetTop - box.offsetTop;
      if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = Math.max(0, top - 120);
    }
  }
}

// On a phone the finding stands below the SQL, out of sight.
function showPanel() {
  const panel = document.querySelector(".st-key-review-panel");
  if (!panel) return;
  panel.style.scrollMarginTop = "4rem";
  panel.scrollIntoView({ block: "start", behavior: "smooth" });
}

function drawn(line, selected, pick) {
  const row = element("div", "line");
  const text = element("span", "text");
  let place = 0;
  for (const mark of line.marks) {
    text.append(line.text.slice(place, mark.from));
    const marked = element("span", `mark ${mark.severity}`, line.text.slice(mark.from, mark.to));
    if (mark.findings.includes(selected)) marked.classList.add("chosen");
    marked.onclick = () => pick(mark.findings[0]);
    text.append(marked);
    place = mark.to;
  }
  text.append(line.text.slice(place));
  row.append(element("span", "place", line.number), text);
  return row;
}

function said(note, selected, pick) {
  const row = element("button", `note ${note.severity}`);
  row.type = "button";
  row.dataset.finding = note.finding;
  row.setAttribute("aria-pressed", note.finding === selected);
  if (note.finding === selected) row.classList.add("chosen");
  row.onclick = () => pick(note.finding);
  row.append(
    element("span", "severity", note.severity),
    ` ${note.title} `,
    element("span", "column", `line ${note.line}, column ${note.column}`),
  );
  return row;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
