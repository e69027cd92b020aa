/** Style sheet of the HTML report; colours are told apart by the common forms of colour blindness (Okabe and Ito). */
export const reportStyle = `
:root { --back: #fff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --cell: #0a6ea8; --on: #fff;
  --c0: #6b6b6b; --c1: #a05a00; --c2: #0a6ea8; --c3: #00734f; --c4: #a04070; --c5: #1f2328; --c6: #5b4ba8; --c7: #b03a00; }
@media (prefers-color-scheme: dark) {
  :root { --back: #16191d; --text: #e6e9ec; --muted: #a3adb8; --line: #3a424b; --cell: #4aa8e0; --on: #06131c;
    --c0: #b0b0b0; --c1: #e69f00; --c2: #56b4e9; --c3: #2fc89a; --c4: #e79bc0; --c5: #f0e442; --c6: #b3a6f5; --c7: #ff8a5c; }
}
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.wide { overflow-x: auto; } .note, figcaption, .muted { color: var(--muted); font-size: 0.87rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, .words th, .words td { text-align: left; } .words td { white-space: normal; }
figure { margin: 1rem 0; } .maps { display: flex; flex-wrap: wrap; gap: 1rem; } .maps figure { margin: 0; max-width: 27rem; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--text); font-size: 12px; } svg text.muted { fill: var(--muted); }
.grid { stroke: var(--line); } .mark { stroke: var(--muted); stroke-dasharray: 4 4; }
.line { fill: none; stroke-width: 2; } .band { stroke-width: 5; opacity: 0.25; } .cell { fill: var(--cell); } svg text.on { fill: var(--on); }
${Array.from({ length: 8 }, (_, colour) => `.line.c${colour}, .band.c${colour} { stroke: var(--c${colour}); } .dot.c${colour} { fill: var(--c${colour}); }`).join("\n")}
`;
