/** How the values of annotations are written: words, numbers, durations. A reader takes a value or says what is wrong. */

export type Reader<S> = (text: string, settings: S) => string | undefined;

const MAX_SECONDS = 604_800;

export function choice<S, T extends string>(values: readonly T[], take: (settings: S, value: T) => void): Reader<S> {
  return (text, settings) => {
    const found = values.find((value) => value === text);
    if (found === undefined) return `'${text}' is none of ${values.join(', ')}`;
    take(settings, found);
    return undefined;
  };
}

export function whole<S>(min: number, max: number, take: (settings: S, value: number) => void): Reader<S> {
  return (text, settings) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max)
      return `'${text}' is not a whole number from ${min} to ${max}`;
    take(settings, value);
    return undefined;
  };
}

/** '5s', '500ms', '2m', '1h'. */
export function duration<S>(minMs: number, take: (settings: S, ms: number) => void): Reader<S> {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  return (text, settings) => {
    const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? [];
    const ms = Number(count) * units[unit];
    if (!(ms >= 0)) return `'${text}' is no duration as '500ms', '5s', '2m' or '1h'`;
    if (ms < minMs) return `'${text}' is less than ${minMs} ms`;
    if (ms > 1000 * MAX_SECONDS) return `'${text}' is more than a week`;
    take(settings, ms);
    return undefined;
  };
}
