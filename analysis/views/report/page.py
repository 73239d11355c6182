"""How the HTML page looks and how it draws itself. It asks nobody for anything."""

CONFIG = {"displayModeBar": False, "displaylogo": False, "responsive": True, "scrollZoom": False}
STYLE = """
:root { color-scheme: light dark; --page: #f4f6f9; --ink: #0b1220; --quiet: #5f6775; --line: #d9dee6;
    --accent: #1848d1 }
@media (prefers-color-scheme: dark) { :root { --page: #0f1623; --ink: #e8edf5; --quiet: #a9b1bd; --line: #243044;
    --accent: #9db4ff } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1120px; padding: 24px 20px 60px; background: var(--page); color: var(--ink);
    font: 16px/1.5 Arial, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem }
header p { margin: 0; color: var(--quiet) }
nav h2 { font-size: 1.05rem; margin: 1.4rem 0 .3rem }
nav ol { margin: 0; padding-left: 1.6rem } nav li { padding: .12rem 0 }
a { color: var(--accent) }
a:focus-visible, summary:focus-visible, .rows:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.skip { position: absolute; left: -9999px } .skip:focus { left: 20px; top: 4px }
section { --ink: #0b1220; --quiet: #5f6775; --line: #e8ebf0; --accent: #1848d1; color-scheme: light;
    background: #fff; color: var(--ink); border: 1px solid #d9dee6; border-radius: 8px; padding: 20px 24px;
    margin-top: 22px; scroll-margin-top: 12px }
section h2 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 .2rem }
section:focus { outline: none }
.caption { color: var(--quiet); margin: 0 0 .6rem }
.note { border-left: 3px solid var(--accent); padding-left: .7rem; margin: .4rem 0; white-space: pre-line }
.tag { display: inline-block; font-size: .85rem; border: 1px solid var(--quiet); border-radius: 4px; padding: 0 .5em;
    margin: 0 0 .4rem }
.words { font-size: 1.25rem; white-space: pre-line; margin: .6rem 0 }
.chart { position: relative; width: 100%; overflow: hidden } .waiting { color: var(--quiet) }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; margin: 0 0 .5rem; padding: 0;
    font-size: .9rem }
.legend li { display: flex; align-items: center; gap: .4em }
.legend span { width: .8em; height: .8em; border-radius: 2px }
details { margin-top: .7rem; border-top: 1px solid var(--line); padding-top: .5rem }
summary { cursor: pointer; min-height: 24px }
.rows { overflow: auto; max-height: 460px; margin-top: .5rem }
table { border-collapse: collapse; font-size: .9rem }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--quiet); position: sticky; top: 0; background: #fff }
.number { text-align: right; font-variant-numeric: tabular-nums }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0 0; font-size: .9rem }
dt { color: var(--quiet) } dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 640px) { body { padding: 16px 10px } section { padding: 14px } dl { grid-template-columns: 1fr } }
@media print { @page { size: A4 landscape; margin: 12mm }
    body { background: #fff; color: #0b1220; max-width: none; padding: 0 } .skip, nav { display: none }
    section { border: 0; padding: 0; margin: 0; break-before: page; break-inside: avoid }
    .rows { max-height: none; overflow: visible } details:not([open]) { display: none } }
"""
SCRIPT = """
const unpacked = async id => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), letter => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};
const charts = [...document.querySelectorAll(".chart")];
const failed = () => charts.forEach(chart => {
    chart.querySelectorAll(".waiting").forEach(one => one.remove());
    chart.querySelectorAll(".undrawn").forEach(one => { one.hidden = false; chart.style.height = "auto"; });
});
const draw = async () => {
    if (!charts.length) return;
    const data = JSON.parse(await unpacked("views"));
    window.PlotlyGeoAssets = data.assets;
    const script = document.createElement("script");
    script.textContent = await unpacked("plotly");
    document.head.append(script);
    for (const chart of charts) {
        const { data: traces, layout } = data.figures[chart.id.slice("chart-".length)];
        chart.replaceChildren();
        await Plotly.newPlot(chart, traces, { ...layout, autosize: true }, data.config);
    }
    window.addEventListener("beforeprint", () => charts.forEach(chart => Plotly.relayout(chart, { width: 1000 })));
    window.addEventListener("afterprint", () => charts.forEach(
        chart => Plotly.relayout(chart, { width: null, autosize: true })));
    document.documentElement.dataset.drawn = charts.length;
};
draw().catch(failed);
"""
