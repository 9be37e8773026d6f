/** Times as Kubernetes writes them, and spans as people do. */

/** '2026-01-02T03:04:05Z': whole seconds. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** As leases have it: '2026-01-02T03:04:05.000000Z'. */
export function microTimeText(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/** '5:00', '1:02:03', '0:07.5': since the beginning. */
export function sinceText(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = Math.floor(tenths / 10) % 60;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const tail = tenths % 10 === 0 ? '' : `.${tenths % 10}`;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}${tail}`;
}

/** '0s', '7.5s', '2m 5s', '1h 3m'. */
export function spanText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return withRest(minutes, 'm', Math.round(seconds) % 60, 's');
  return withRest(Math.floor(minutes / 60), 'h', minutes % 60, 'm');
}

function withRest(count: number, unit: string, rest: number, smaller: string): string {
  return `${count}${unit}${rest > 0 ? ` ${rest}${smaller}` : ''}`;
}
