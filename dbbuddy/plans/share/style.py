"""The look of a shared plan: light and dark as the reader's machine has it, and fit to print."""

STYLE = """
:root { color-scheme: light dark; --back: #fff; --fore: #182326; --soft: #f2f6f6; --line: #d5dfe0;
  --main: #0f6b75; --hot: #b45309; }
@media (prefers-color-scheme: dark) {
  :root { --back: #10181a; --fore: #e4ecec; --soft: #1a2528; --line: #314347; --main: #6cc9d3; --hot: #f0b04c; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 1140px; background: var(--back); color: var(--fore);
  font: 16px/1.5 "Source Sans", system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
.soft { opacity: .75; }
code, pre, .tree { font-family: "Source Code Pro", ui-monospace, monospace; }
code { background: var(--soft); padding: .05em .3em; border-radius: 4px; font-size: .86em; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: .7rem .9rem;
  font-size: .8rem;   white-space: pre-wrap; overflow-wrap: anywhere; }
.finding { border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: 8px;
  padding: .6rem 1rem; margin: .7rem 0; }
.finding h3 { margin: 0; font-size: 1rem; }
.finding p { margin: .4rem 0; }
.critical { border-left-color: #c62f2f; } .high { border-left-color: #e07b12; } .medium { border-left-color: #d8b012; }
.low { border-left-color: #3d7fc4; } .info { border-left-color: #8b979a; }
.badge { display: inline-block; font-size: .74rem; border: 1px solid currentColor; border-radius: 99px; padding: 0 .5em;
  opacity: .85; }
.wide { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
.flame { display: block; font: 11.5px system-ui, sans-serif; min-width: 900px; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); white-space: nowrap;
  font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 16rem; }
td.hot { color: var(--hot); font-weight: 600; }
tr.never { opacity: .55; }
tr:target { outline: 2px solid var(--main); }
a { color: var(--main); }
summary { cursor: pointer; }
@media print {
  :root { --back: #fff; --fore: #000; --soft: #f4f4f4; --line: #ccc; }
  body { max-width: none; padding: 0; font-size: 11px; }
  .finding, tr, svg { break-inside: avoid; }
  .flame { min-width: 0; }
  .wide { overflow: visible; }
}
"""
