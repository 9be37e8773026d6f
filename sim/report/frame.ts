/** What every report has around its sections: head, title, cards, how to do it again, where it comes from. */
import { Html, html } from './html.ts';
import { STYLE } from './page-style.ts';

export interface Frame {
  title: string;
  /** One or two sentences. */
  summary: string;
  /** When it was made, ISO 8601. */
  madeAt: string;
  cards: readonly { label: string; value: string; note: string }[];
  /** Commands, one a line. */
  reproduce: readonly string[];
  /** Where input and published figures come from, and under which licence. */
  origin: readonly string[];
}

/** @param same what the same input and seeds give again, in a sentence. */
export function framePage(
  { title, summary, madeAt, cards, reproduce, origin }: Frame,
  same: string,
  sections: readonly (Html | null | undefined)[],
): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="generator" content="keelson">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p class="soft">${summary}</p>
<dl class="cards">${cards.map(
    ({ label, value, note }) =>
      html`<div class="card"><dt>${label}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>
</header>
${sections.map((section) => section && html`${section}\n`)}
<section>
<h2>Do it again</h2>
<p class="soft">${same}</p>
<pre>${reproduce.join('\n')}</pre>
</section>
<footer class="small soft">${origin.map((line) => html`<p>${line}</p>`)}<p>Made ${madeAt}.</p></footer>
</main>
</body>
</html>
`;
  return page.text;
}
