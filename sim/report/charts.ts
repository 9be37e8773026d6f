/**
 * Line charts as inline SVG: lines with min-to-max bands, dashed lines for published figures, axes, and the name of
 * each line at its right end. Colours are CSS classes `tone-0` to `tone-7`, so that the page decides on light and dark.
 */
import { type Html, html } from './html.ts';

export interface Line {
  name: string;
  /** Class of the page's palette; lines of one subject share it. */
  tone: number;
  points: readonly Point[];
  /** Lowest and highest over the seeds, beneath the line. */
  band?: readonly { x: number; low: number; high: number }[];
  /** A published figure: dashed, and not named at its end. */
  published?: boolean;
}
export interface Point {
  x: number;
  y: number;
}
export interface Axis {
  label: string;
  from: number;
  to: number;
}
export interface Chart {
  /** Unique on the page; letters, digits and dashes. */
  id: string;
  title: string;
  /** One sentence for who cannot see it. */
  summary: string;
  x: Axis;
  y: Axis;
  lines: readonly Line[];
  /** Moments: upright lines with words for who points at them. */
  marks?: readonly { x: number; words: string }[];
}

const WIDTH = 460;
const HEIGHT = 300;
const LEFT = 42;
const RIGHT = 104;
const TOP = 12;
const BOTTOM = 42;
const LABEL_HEIGHT = 14;

export function lineChart(chart: Chart): Html {
  const scale = scaleOf(chart);
  const clip = `clip-${chart.id}`;
  const own = chart.lines.filter((line) => !line.published);
  const published = chart.lines.filter((line) => line.published);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${chart.id}-title ${chart.id}-summary">
<title id="${chart.id}-title">${chart.title}</title><desc id="${chart.id}-summary">${chart.summary}</desc>
<clipPath id="${clip}"><rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT - TOP - BOTTOM}"/></clipPath>
${axes(chart, scale)}
${(chart.marks ?? []).map((mark) => markLine(mark, scale))}
<g clip-path="url(#${clip})">${own.map((line) => bandPath(line, scale))}${own.map((line) => linePath(line, scale))}${published.map((line) => linePath(line, scale))}</g>
${endLabels(own, chart, scale)}
</svg>`;
}

interface Scale {
  x(value: number): number;
  y(value: number): number;
}

function scaleOf({ x, y }: Chart): Scale {
  return {
    x: (value) => LEFT + ((value - x.from) / (x.to - x.from)) * (WIDTH - LEFT - RIGHT),
    y: (value) => HEIGHT - BOTTOM - ((value - y.from) / (y.to - y.from)) * (HEIGHT - TOP - BOTTOM),
  };
}

function axes(chart: Chart, scale: Scale): Html {
  const bottom = HEIGHT - BOTTOM;
  const right = WIDTH - RIGHT;
  const across = ticks(chart.y.from, chart.y.to, 5).map(
    (
      value,
    ) => html`<line class="grid" x1="${LEFT}" x2="${right}" y1="${px(scale.y(value))}" y2="${px(scale.y(value))}"/>
<text class="tick" x="${LEFT - 6}" y="${px(scale.y(value) + 3.5)}" text-anchor="end">${value}</text>`,
  );
  const along = ticks(chart.x.from, chart.x.to, 6).map(
    (
      value,
    ) => html`<line class="axis" x1="${px(scale.x(value))}" x2="${px(scale.x(value))}" y1="${bottom}" y2="${bottom + 4}"/>
<text class="tick" x="${px(scale.x(value))}" y="${bottom + 16}" text-anchor="middle">${value}</text>`,
  );
  return html`${across}${along}<line class="axis" x1="${LEFT}" x2="${right}" y1="${bottom}" y2="${bottom}"/>
<text class="label" x="${(LEFT + right) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${chart.x.label}</text>
<text class="label" transform="translate(11 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${chart.y.label}</text>`;
}

function markLine({ x, words }: { x: number; words: string }, scale: Scale): Html {
  const at = px(scale.x(x));
  return html`<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"><title>${words}</title></line>`;
}

function bandPath({ band, tone }: Line, scale: Scale): Html | null {
  if (!band || band.length < 2) return null;
  const upper = band.map(({ x, high }) => `${px(scale.x(x))} ${px(scale.y(high))}`);
  const lower = band.map(({ x, low }) => `${px(scale.x(x))} ${px(scale.y(low))}`).reverse();
  return html`<path class="band tone-${tone}" d="M${[...upper, ...lower].join('L')}Z"/>`;
}

function linePath({ name, points, tone, published }: Line, scale: Scale): Html | null {
  if (points.length < 2) return null;
  const d = points.map(({ x, y }) => `${px(scale.x(x))} ${px(scale.y(y))}`).join('L');
  return html`<path class="line tone-${tone}${published ? ' published' : ''}" d="M${d}"><title>${name}${published ? ', published' : ''}</title></path>`;
}

/** Names stand where their lines end, moved apart where they would overlap, with a hairline back to the line. */
function endLabels(lines: readonly Line[], chart: Chart, scale: Scale): Html[] {
  const labels = lines
    .filter(({ points }) => points.length > 0)
    .map((line) => {
      const end = line.points[line.points.length - 1];
      const at = Math.min(Math.max(scale.y(end.y), TOP), HEIGHT - BOTTOM);
      return { line, at, y: at, x: scale.x(Math.min(end.x, chart.x.to)) };
    })
    .sort((a, b) => a.at - b.at);
  spread(labels);
  return labels.map(
    ({
      line,
      at,
      x,
      y,
    }) => html`<g class="tone-${line.tone}"><path class="leader" d="M${px(x + 2)} ${px(at)}L${px(x + 10)} ${px(y)}"/>
<text class="name" x="${px(x + 13)}" y="${px(y + 3.5)}">${line.name}</text></g>`,
  );
}

/** Sorted from top to bottom; afterwards each is LABEL_HEIGHT below the one above and all are inside the plot. */
function spread(labels: { y: number }[]): void {
  let floor = TOP;
  for (const label of labels) {
    label.y = Math.max(label.y, floor);
    floor = label.y + LABEL_HEIGHT;
  }
  let ceiling = HEIGHT - BOTTOM;
  for (const label of labels.toReversed()) {
    label.y = Math.min(label.y, ceiling);
    ceiling = label.y - LABEL_HEIGHT;
  }
}

/** Round values in [from, to], about `count` of them: steps of 1, 2 or 5 times a power of ten. */
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(count, 1);
  if (!(rough > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough * 0.999) ?? rough;
  const values: number[] = [];
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) {
    values.push(Number((k * step).toFixed(digits)));
  }
  return values;
}

function px(value: number): string {
  return Number.isFinite(value) ? String(Math.round(value * 10) / 10) : '0';
}
