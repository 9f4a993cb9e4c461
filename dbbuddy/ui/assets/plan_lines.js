// The pasted lines. Every text is set as text, never as HTML.
const kept = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const box = parentElement.querySelector(".lines");
  const state = kept.get(parentElement) ?? {};
  kept.set(parentElement, state);
  const scrolled = box.scrollTop;
  box.replaceChildren(...data.lines.map((line) => drawn(line, data.selected, setTriggerValue)));
  box.scrollTop = scrolled;
  const moment = `${data.plan}-${data.selected}`;
  if (state.moment !== moment) {
    state.moment = moment;
    const chosen = box.querySelector(".chosen");
    if (chosen) {
      const top = chosen.offsetTop - box.offsetTop;
      if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 30) box.scrollTop = Math.max(0, top - 80);
    }
  }
}

function drawn(line, selected, setTriggerValue) {
  const row = document.createElement("div");
  row.className = "line";
  if (line.step !== null) {
    row.classList.add("linked");
    row.onclick = () => setTriggerValue("picked", line.step);
    if (line.step === selected) row.classList.add("chosen");
  }
  if (line.unread) {
    row.classList.add("unread");
    row.title = "This line was not understood";
  }
  const place = document.createElement("span");
  place.className = "place";
  place.textContent = line.number;
  const text = document.createElement("span");
  text.className = "text";
  text.textContent = line.text;
  row.append(place, text);
  return row;
}
