/** Of the HTML report: for screens in both colour schemes, and for paper. */
export const STYLE = `
:root{--bg:#f7f8fa;--card:#fff;--ink:#1b1f24;--quiet:#667085;--line:#e4e7ec;--good:#12805c;--bad:#c8321f;--stop:#9a6700;--a:#2f6fed;--b:#d9730d;--c:#8250df;--d:#c8321f}
@media (prefers-color-scheme:dark){:root{--bg:#101418;--card:#181d23;--ink:#e6e9ee;--quiet:#98a2b3;--line:#2a313a;--good:#3fc48f;--bad:#ff7a66;--stop:#e3b341;--a:#6ea8ff;--b:#ffa657;--c:#c297ff;--d:#ff7a66}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1040px;margin:0 auto;padding:32px 20px 48px}
header{background:var(--card);border:1px solid var(--line);border-left:6px solid var(--tone);border-radius:10px;padding:20px 24px}
.passed{--tone:var(--good)}.failed{--tone:var(--bad)}.interrupted,.not-reached{--tone:var(--stop)}
.kicker{margin:0;color:var(--quiet);font-size:13px}
h1{font-size:22px;line-height:1.35;margin:6px 0 10px;font-weight:600}
.badge{display:inline-block;background:var(--tone);color:var(--card);border-radius:6px;padding:1px 10px;margin-right:12px;font-size:17px;vertical-align:1px}
.answer{margin:0 0 10px;font-size:17px;font-weight:600}
.answer::first-letter{text-transform:uppercase}
.reasons{margin:8px 0;padding-left:20px;color:var(--bad);white-space:pre-wrap;overflow-wrap:anywhere}
.warning{color:var(--stop);font-weight:600}
.meta{margin:0;color:var(--quiet);font-size:13px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:12px;margin:16px 0 28px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.tile b{display:block;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}
.tile span{color:var(--quiet);font-size:13px}
h2{font-size:16px;margin:28px 0 10px;font-weight:600}
table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
th,td{text-align:left;padding:7px 12px;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--quiet);font-weight:500;font-size:13px}
tbody tr:first-child>*{border-top:0}thead+tbody tr:first-child>*{border-top:1px solid var(--line)}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.sign{color:var(--tone);font-weight:700;width:34px}
tr.failed td{background:color-mix(in srgb,var(--bad) 7%,transparent)}
.examples{margin:4px 0 2px;padding-left:18px;color:var(--bad);font-size:13.5px;overflow-wrap:anywhere}
.quiet{color:var(--quiet)}
.facts th{width:130px;color:var(--quiet);font-weight:500}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:14px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px;break-inside:avoid;display:flex;flex-direction:column}
figcaption{font-size:13.5px;font-weight:600;display:flex;flex-wrap:wrap;gap:4px 14px;align-items:baseline}
.key{font-weight:400;color:var(--quiet);font-size:12.5px;white-space:nowrap}
.key i{display:inline-block;width:14px;height:3px;border-radius:2px;vertical-align:3px;margin-right:5px}
svg{display:block;width:100%;height:auto;margin-top:auto;padding-top:6px;overflow:visible}
svg text{fill:var(--quiet);font:11px system-ui,sans-serif}
.grid{stroke:var(--line);stroke-width:1}
.mark{stroke:var(--quiet);stroke-dasharray:3 3}
footer{margin-top:28px;color:var(--quiet);font-size:12.5px}
@media (max-width:520px){main{padding:14px 10px 32px}header{padding:16px}.plots{grid-template-columns:1fr}.facts th{width:92px}th,td{padding:7px 8px}svg text{font-size:13px}}
@media print{:root{--bg:#fff;--card:#fff;--ink:#000;--quiet:#444;--line:#bbb;--good:#0b6b4b;--bad:#a32010;--a:#1c4fb8;--b:#a85600;--c:#5f35ae;--d:#a32010}main{padding:0;max-width:none}header,.tile,figure,tr{break-inside:avoid}.plots{grid-template-columns:1fr 1fr}.badge,tr.failed td,.key i{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
`;
