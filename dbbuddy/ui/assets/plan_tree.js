// The tree of a plan. Every text of the plan is set as text, never as HTML.
const kept = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const tree = parentElement.querySelector(".tree");
  const state = kept.get(parentElement) ?? { closed: new Set() };
  kept.set(parentElement, state);
  if (state.plan !== data.plan) Object.assign(state, { plan: data.plan, closed: new Set(), selected: null });
  state.draw = () => draw(tree, data, state, setTriggerValue);
  state.draw();
  if (state.selected !== data.selected) {
    state.selected = data.selected;
    show(tree, tree.querySelector('[aria-selected="true"]'));
  }
  tree.onkeydown = (event) => pressed(event, tree, state);
}

function draw(tree, data, state, setTriggerValue) {
  const scrolled = tree.scrollTop;
  const narrow = tree.clientWidth < 540;
  const parts = [header(data)];
  const folded = [];
  let closedAt = null;
  for (const row of [...data.rows, { depth: -1 }]) {
    if (closedAt !== null && row.depth > closedAt) continue;
    while (folded.length && folded.at(-1).depth >= row.depth) parts.push(more(folded.pop(), narrow, setTriggerValue));
    if (row.depth < 0) break;
    closedAt = row.children && state.closed.has(row.number) ? row.depth : null;
    parts.push(line(row, data, state, narrow, setTriggerValue));
    if (row.hidden && closedAt === null) folded.push(row);
  }
  tree.replaceChildren(...parts);
  tree.scrollTop = scrolled;
}

function show(tree, row) {
  if (!row) return;
  const top = row.offsetTop - tree.offsetTop;
  if (top < tree.scrollTop + 40 || top + row.offsetHeight > tree.scrollTop + tree.clientHeight)
    tree.scrollTop = Math.max(0, top - tree.clientHeight / 3);
}

function header(data) {
  const row = element("div", "row head");
  row.append(
    element("span", "", "Step"),
    element("span", "cell", data.own),
    element("span", "cell", data.rowsHead),
    element("span", "cell", "Loops"),
  );
  return row;
}

function line(row, data, state, narrow, setTriggerValue) {
  const made = element("div", row.never ? "row never" : "row");
  made.setAttribute("role", "treeitem");
  made.setAttribute("aria-level", row.depth + 1);
  made.setAttribute("aria-selected", row.number === data.selected);
  made.tabIndex = row.number === data.selected ? 0 : -1;
  made.dataset.number = row.number;
  made.onclick = () => setTriggerValue("picked", row.number);
  made.style.setProperty("--indent", `calc(${indent(row.depth, narrow)} + 1.45rem)`);
  made.append(what(row, state, narrow), bar(row), numbers(row), element("span", "cell loops", row.loops));
  if (row.loops) made.lastChild.append(element("span", "short", " loops"));
  if (row.children) made.setAttribute("aria-expanded", !state.closed.has(row.number));
  return made;
}

function what(row, state, narrow) {
  const cell = element("div", "what");
  cell.style.paddingLeft = indent(row.depth, narrow);
  const fold = element("button", "fold", row.children ? (state.closed.has(row.number) ? "▸" : "▾") : "");
  fold.tabIndex = -1;
  fold.setAttribute("aria-hidden", "true");
  fold.onclick = (event) => {
    event.stopPropagation();
    toggle(row.number, state);
  };
  cell.append(fold);
  if (row.severity) {
    const mark = element("span", `mark ${row.severity}`);
    mark.title = `${row.severity} finding`;
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", mark.title);
    cell.append(mark);
  }
  const name = element("span", "name");
  name.append(element("span", "operator", row.operator), " ", element("span", "subject", row.subject));
  if (row.role) name.append(" ", element("span", "role", `(${row.role})`));
  cell.append(element("span", "number", String(row.number + 1)), name);
  return cell;
}

function bar(row) {
  const made = element("div", row.share >= 0.25 ? "bar hot" : "bar");
  const fill = element("i");
  fill.style.width = `${Math.min(100, 100 * row.share).toFixed(1)}%`;
  made.append(fill, element("span", "", row.own ? `${row.own} · ${row.percent}` : row.percent));
  return made;
}

function numbers(row) {
  const cell = element("span", "cell rows", row.rows);
  if (row.rows) cell.prepend(element("span", "short", "rows "));
  if (row.off) cell.append(element("span", "off", row.off));
  return cell;
}

function more(row, narrow, setTriggerValue) {
  const made = element("div", "row more");
  const button = element("button", "", `… ${row.hidden.toLocaleString("en")} more steps below (${row.hiddenPercent})`);
  made.style.paddingLeft = `calc(${indent(row.depth + 1, narrow)} + 1.6rem)`;
  button.onclick = () => setTriggerValue("opened", row.number);
  made.append(button);
  return made;
}

function indent(depth, narrow) {
  return `${(Math.min(depth, narrow ? 10 : 22) * (narrow ? 0.5 : 0.85)).toFixed(2)}rem`;
}

function toggle(number, state) {
  if (!state.closed.delete(number)) state.closed.add(number);
  state.draw();
}

function pressed(event, tree, state) {
  const row = event.target.closest('[role="treeitem"]');
  if (!row) return;
  const number = Number(row.dataset.number);
  const rows = [...tree.querySelectorAll('[role="treeitem"]')];
  const place = rows.indexOf(row);
  if (event.key === "ArrowDown") rows[place + 1]?.focus();
  else if (event.key === "ArrowUp") rows[place - 1]?.focus();
  else if (event.key === "Home") rows[0].focus();
  else if (event.key === "End") rows.at(-1).focus();
  else if (event.key === "Enter" || event.key === " ") row.click();
  else if (event.key === (state.closed.has(number) ? "ArrowRight" : "ArrowLeft") && row.hasAttribute("aria-expanded")) {
    toggle(number, state);
    tree.querySelector(`[data-number="${number}"]`).focus();
  } else return;
  event.preventDefault();
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}
