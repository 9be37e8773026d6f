/**
 * One row for each policy, values as dots along it, as inline SVG; several kinds of value are told apart by shade and size.
 * Colours are the page's classes, so that it decides on light and dark.
 */
import { ticks } from '../report/charts.ts';
import { type Html, html } from '../report/html.ts';

export interface Row {
  name: string;
  /** Class of the page's palette. */
  tone: number;
  dots: readonly Dot[];
  /** A line from the least value to the greatest. */
  joined?: boolean;
  /** An upright mark: where the value should be at best. */
  mark?: number;
}
export interface Dot {
  value: number;
  /** 0 to 1; 1 unless given. */
  shade?: number;
  /** px; 4 unless given. */
  radius?: number;
}
export interface RowChart {
  /** Unique on the page; letters, digits and dashes. */
  id: string;
  title: string;
  /** One sentence for who cannot see it. */
  summary: string;
  label: string;
  /** Values are above 0, and each power of ten is as wide as the next. */
  log: boolean;
  rows: readonly Row[];
}

const WIDTH = 520;
const LEFT = 166;
const RIGHT = 18;
const TOP = 6;
const ROW = 21;
const BOTTOM = 40;
const LONGEST_NAME = 23;

export function rowChart(chart: RowChart): Html {
  const height = TOP + ROW * chart.rows.length + BOTTOM;
  const scale = scaleOf(chart);
  const x = (value: number): string => px(LEFT + scale.at(value) * (WIDTH - LEFT - RIGHT));
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${chart.id}-title ${chart.id}-summary">
<title id="${chart.id}-title">${chart.title}</title><desc id="${chart.id}-summary">${chart.summary}</desc>
${scale.ticks.map((value) => tick(value, x(value), height))}
<text class="label" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 6}" text-anchor="middle">${chart.label}</text>
${chart.rows.map((row, i) => rowOf(row, TOP + ROW * (i + 0.5), x))}
</svg>`;
}

function tick(value: number, x: string, height: number): Html {
  return html`<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${height - BOTTOM}"/>
<text class="tick" x="${x}" y="${height - BOTTOM + 15}" text-anchor="middle">${value}</text>`;
}

function rowOf({ name, tone, dots, joined, mark }: Row, y: number, x: (value: number) => string): Html {
  const values = dots.map(({ value }) => value);
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
  return html`<g class="tone-${tone}"><title>${name}</title>
<text class="name" x="${LEFT - 10}" y="${px(y + 3.5)}" text-anchor="end">${shown}</text>
${
  joined &&
  values.length > 1 &&
  html`<line class="line" x1="${x(Math.min(...values))}" x2="${x(Math.max(...values))}" y1="${px(y)}" y2="${px(y)}" opacity=".45"/>`
}
${mark !== undefined && html`<line class="axis" x1="${x(mark)}" x2="${x(mark)}" y1="${px(y - 8)}" y2="${px(y + 8)}"/>`}
${dots.map(
  ({ value, shade = 1, radius = 4 }) =>
    html`<circle cx="${x(value)}" cy="${px(y)}" r="${radius}" fill="var(--tone)" opacity="${shade}"/>`,
)}</g>`;
}

interface Scale {
  /** 0 at the left end, 1 at the right. */
  at(value: number): number;
  ticks: number[];
}

/** From 0, or for powers of ten from below the least, to above the greatest. */
function scaleOf({ rows, log }: RowChart): Scale {
  const values = rows.flatMap(({ dots, mark }) => [
    ...dots.map(({ value }) => value),
    ...(mark === undefined ? [] : [mark]),
  ]);
  if (!log) {
    const to = Math.max(...values, 0) * 1.05 || 1;
    return { at: (value) => value / to, ticks: ticks(0, to, 5) };
  }
  const above = values.filter((value) => value > 0);
  const from = Math.log10(Math.min(...above, 1e9)) - 0.1;
  const to = Math.log10(Math.max(...above, 10 ** from * 2)) + 0.1;
  const digits = to - from > 4 ? [1] : to - from > 2 ? [1, 3] : [1, 2, 5];
  const steps: number[] = [];
  for (let power = Math.floor(from); power <= to; power++) {
    for (const digit of digits) {
      const value = Number((digit * 10 ** power).toPrecision(1));
      if (Math.log10(value) >= from && Math.log10(value) <= to) steps.push(value);
    }
  }
  return { at: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from), ticks: steps };
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
