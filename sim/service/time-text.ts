/** Times as users write them: '250us', '10ms', '1.5s', '2m', '1h'. */

const UNITS_US: Record<string, number> = { us: 1, ms: 1000, s: 1e6, m: 60e6, h: 3600e6 };

/** µs; undefined where it is no time. */
export function parseTimeUs(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * UNITS_US[unit];
}

/** In the largest unit that leaves at least 1: '1.5s'. */
export function formatTimeUs(timeUs: number): string {
  const unit = ['h', 'm', 's', 'ms'].find((name) => timeUs >= UNITS_US[name]) ?? 'us';
  return `${Number((timeUs / UNITS_US[unit]).toPrecision(4))}${unit}`;
}
