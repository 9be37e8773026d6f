/** The report's style sheet: one palette for light and one for dark, told apart in both and for colour-blind readers. */

/** Line colours `tone-0` … `tone-7`, as [light, dark]; each has a contrast of 3 or more with its background. */
const TONES = [
  ['#64748b', '#94a3b8'],
  ['#b45309', '#f0a04b'],
  ['#0f766e', '#3fc9b4'],
  ['#6d4fc4', '#b4a0f5'],
  ['#1668b8', '#66b2f5'],
  ['#c02673', '#f47cb5'],
  ['#5c7a0e', '#b0d14a'],
  ['#b91c1c', '#fb8a8a'],
] as const;

const tones = (scheme: 0 | 1): string => TONES.map((tone, i) => `.tone-${i}{--tone:${tone[scheme]}}`).join('');

export const STYLE = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#16202c;--soft:#536173;--hair:#dfe4ea;--good:#0b7a4b;--bad:#b91c1c;--accent:#1668b8;--code:#eef1f5}
${tones(0)}
@media (prefers-color-scheme:dark){:root{--page:#10151b;--card:#18202a;--ink:#e6ebf1;--soft:#9aa8b8;--hair:#2b3644;--good:#4ccf95;--bad:#fb8a8a;--accent:#66b2f5;--code:#212b37}
${tones(1)}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans","DejaVu Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1160px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:clamp(1.6rem,4.5vw,2.3rem);line-height:1.15;letter-spacing:-.02em;margin:0 0 10px}
h2{font-size:1.25rem;letter-spacing:-.01em;margin:44px 0 6px}
h3{font-size:1rem;margin:0 0 4px}
p{margin:0 0 12px;max-width:78ch}
.soft{color:var(--soft)}
.small{font-size:.86rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px;margin:24px 0 0;padding:0}
.card,.panel{background:var(--card);border:1px solid var(--hair);border-radius:12px}
.card{padding:14px 16px}
.card dt{font-size:.8rem;color:var(--soft)}
.card dd{margin:0}
.card .value{font-size:1.5rem;font-weight:650;letter-spacing:-.02em;line-height:1.3;font-variant-numeric:tabular-nums}
.card .note{font-size:.8rem;color:var(--soft);line-height:1.35}
.panel{padding:16px 18px;min-width:0}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:14px;margin-top:12px}
figure{margin:0}
svg{display:block;width:100%;height:auto;font-family:inherit}
.tick,.label,.name{font-size:11px;fill:var(--soft)}
.name{fill:var(--tone);font-weight:600}
.grid{stroke:var(--hair);stroke-width:1}
.axis{stroke:var(--soft);stroke-width:1}
.mark{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3;opacity:.7}
.leader{stroke:var(--tone);stroke-width:1;opacity:.6;fill:none}
.band{fill:var(--tone);opacity:.16}
.line{fill:none;stroke:var(--tone);stroke-width:2;stroke-linejoin:round}
.line.published{stroke:var(--ink);stroke-width:1.3;stroke-dasharray:1.5 3.5;stroke-linecap:round}
.key{display:flex;flex-wrap:wrap;gap:6px 18px;align-items:center;margin:6px 0 0;font-size:.86rem;color:var(--soft)}
.key svg{width:34px;height:12px;flex:none}
.key span{display:inline-flex;gap:8px;align-items:center}
.key .line,.key .band{--tone:var(--soft)}
.scroll{overflow-x:auto;padding:0}
.tall{max-height:480px;overflow-y:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:9px 14px;text-align:right;border-bottom:1px solid var(--hair);white-space:nowrap;vertical-align:top}
tr:last-child>*{border-bottom:0}
th:first-child,td:first-child,.left{text-align:left}
thead th{font-weight:600;font-size:.8rem;color:var(--soft);white-space:normal;min-width:112px;vertical-align:bottom}
tbody th{font-weight:600}
td .sub{display:block;font-size:.78rem;color:var(--soft)}
.wrap{white-space:normal;min-width:220px}
.swatch{display:inline-block;width:10px;height:10px;border-radius:3px;background:var(--tone);margin-right:9px}
.within{color:var(--good);font-weight:600}
.outside{color:var(--bad);font-weight:600}
blockquote{margin:10px 0 16px;padding:10px 14px;border-left:3px solid var(--accent);background:var(--code);border-radius:0 8px 8px 0;overflow-wrap:anywhere;font-size:.92rem}
pre{margin:8px 0 0;padding:14px 16px;background:var(--code);border-radius:10px;overflow-x:auto;font-size:.86rem}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.bar{display:inline-block;height:8px;border-radius:4px;background:var(--accent);vertical-align:middle;min-width:2px}
footer{margin-top:44px;padding-top:16px;border-top:1px solid var(--hair)}
a{color:var(--accent)}
@media (max-width:640px){main{padding:24px 14px 40px}.panel{padding:12px}.scroll{padding:0}th,td{padding:8px 10px}.tick,.label{font-size:12px}}
@media print{.tall{max-height:none}body{background:#fff}.card,.panel{break-inside:avoid}}
`;
