/** The log of a made-up container: a line a second since it started, the same bytes whenever they are asked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogOptions } from '../pod-streams.ts';

/** A container that runs for a month has no more lines than this: the oldest go. */
export const LINES_LIMIT = 10_000;

export interface GeneratedLog {
  /** Told in each line. */
  name: string;
  startedMs: number;
  /** No line after this; undefined while it runs. Asked anew for every line that is followed. */
  endedMs(): number | undefined;
}

const lineTimes = ({ startedMs, endedMs }: GeneratedLog, nowMs: number): { first: number; last: number } => {
  const last = Math.max(0, Math.floor(((endedMs() ?? nowMs) - startedMs) / 1000));
  return { first: Math.max(0, last + 1 - LINES_LIMIT), last };
};

/** Line `i` came i seconds after the start. */
function lineAt({ name, startedMs }: GeneratedLog, i: number, timestamps: boolean): Buffer {
  const stamp = timestamps ? `${new Date(startedMs + i * 1000).toISOString().replace('Z', '000000Z')} ` : '';
  return Buffer.from(`${stamp}${name}: line ${i + 1}\n`);
}

/** As `kubectl logs` asks for it. @param now asked anew for every line that is followed. */
export async function* generatedLog(
  log: GeneratedLog,
  { tailLines, sinceMs, timestamps, follow }: LogOptions,
  now: () => number,
  gone: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { first, last } = lineTimes(log, now());
  const since = sinceMs === undefined ? first : Math.ceil((sinceMs - log.startedMs) / 1000);
  let next = Math.max(first, since, tailLines === undefined ? first : last + 1 - tailLines);
  for (; next <= last; next++) yield lineAt(log, next, timestamps);
  while (follow && log.endedMs() === undefined && !gone.aborted) {
    try {
      await sleep(Math.max(1, log.startedMs + next * 1000 - now()), undefined, { signal: gone });
    } catch {
      return;
    }
    for (; next <= lineTimes(log, now()).last; next++) yield lineAt(log, next, timestamps);
  }
}
