// How a plan's page looks. Internal to core/plan.
#pragma once

namespace ratdeck {

inline constexpr const char* planPageStyle = R"css(
:root { color-scheme: light dark; --paper: #f6f7f9; --card: #ffffff; --ink: #1c2430; --soft: #5c6878;
  --line: #dde2e9; --accent: #2457c5; --good: #1a7f4b; --good-back: #e6f4ec; --warn: #9a5b00;
  --warn-back: #fdf1dc; --bad: #b3261e; --bad-back: #fce8e6; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --card: #1a2029; --ink: #e6eaf0;
  --soft: #9aa6b6; --line: #2c3542; --accent: #8ab0ff; --good: #6fd19b; --good-back: #15301f;
  --warn: #f0b95a; --warn-back: #33260f; --bad: #ff8a80; --bad-back: #3a1816; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.5rem 3rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 2.4rem 0 .7rem; }
h2 small { color: var(--soft); font-weight: 400; margin-left: .5rem; }
p { margin: .3rem 0; }
code, .hash { font: .87em/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; }
.eyebrow { color: var(--accent); font-size: .78rem; font-weight: 600; letter-spacing: .09em;
  text-transform: uppercase; margin: 0 0 .4rem; }
.soft { color: var(--soft); }
.verdict { border-radius: .6rem; padding: .8rem 1rem; margin: 1.3rem 0 1rem; font-weight: 600; }
.verdict span { display: block; font-weight: 400; }
.good { color: var(--good); background: var(--good-back); }
.warn { color: var(--warn); background: var(--warn-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .7rem;
  margin: 1rem 0 0; }
.facts div, .card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
.facts div { padding: .6rem .8rem; }
.facts dt { color: var(--soft); font-size: .78rem; }
.facts dd { margin: 0; font-size: 1.15rem; font-weight: 600; }
.card { padding: .2rem 1rem; margin: 0 0 .8rem; overflow-wrap: anywhere; }
.wave { display: flex; align-items: baseline; gap: .7rem; margin: 1.3rem 0 .5rem; font-weight: 600; }
.wave b { background: var(--accent); color: var(--card); border-radius: 1rem; min-width: 1.6rem;
  text-align: center; font-size: .85rem; padding: 0 .45rem; }
.wave span { color: var(--soft); font-weight: 400; }
.service { padding: .8rem 0 .6rem; border-top: 1px solid var(--line); break-inside: avoid; }
.service:first-child { border-top: 0; }
.service header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .3rem .8rem; }
.service h3 { font-size: 1.02rem; margin: 0; }
.tag { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .6rem; font-size: .78rem;
  color: var(--soft); white-space: nowrap; }
.tag.warn { color: var(--warn); border-color: transparent; }
.tag.bad { color: var(--bad); border-color: transparent; }
.steps { list-style: none; margin: .5rem 0 .2rem; padding: 0; }
.steps li { display: grid; grid-template-columns: 5.2rem 1fr auto; gap: .8rem; padding: .18rem 0; }
.steps .kind { color: var(--soft); font-size: .78rem; padding-top: .15rem; }
.steps .time { color: var(--soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; color: var(--soft); font-size: .78rem; font-weight: 500; }
th, td { padding: .4rem .8rem .4rem 0; border-top: 1px solid var(--line); vertical-align: top; }
thead th, tbody:first-child tr:first-child td { border-top: 0; }
td:first-child { white-space: nowrap; font-weight: 600; }
td .tag { font-weight: 400; }
footer { margin-top: 2.6rem; padding-top: .9rem; border-top: 1px solid var(--line); color: var(--soft);
  font-size: .85rem; }
@media print { :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } h2 { break-after: avoid; }
  .card { border-width: 0 0 0 2px; border-radius: 0; } .wave { break-after: avoid; }
  tr, .steps li, .verdict { break-inside: avoid; } * { print-color-adjust: exact; } }
@page { margin: 16mm; }
)css";

} // namespace ratdeck
