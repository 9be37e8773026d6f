/** What containers that have ended left to say: their message file, or the end of their log. */
import { open } from 'node:fs/promises';
import type { V1Container } from '@kubernetes/client-node';
import type { Engine, Observed } from '../engine/engine.ts';

const FILE_LIMIT = 4096;
const LOG_LINES = 80;
const LOG_LIMIT = 2048;

export class LastWords {
  readonly #known = new Map<string, string>();

  of({ id }: Observed): string {
    return this.#known.get(id) ?? '';
  }

  /** Reads those of containers that have ended since. */
  async read(engine: Engine, containers: readonly V1Container[], observed: readonly Observed[]): Promise<void> {
    for (const one of observed) {
      if (one.state !== 'exited' || this.#known.has(one.id)) continue;
      const spec = containers.find(({ name }) => name === one.container);
      if (!spec) continue;
      const written = await head(one.messageFile);
      const fallback = spec.terminationMessagePolicy === 'FallbackToLogsOnError' && one.exitCode !== 0;
      this.#known.set(one.id, written || (fallback ? await tail(engine, one.id) : ''));
    }
    for (const id of this.#known.keys()) if (!observed.some((one) => one.id === id)) this.#known.delete(id);
  }
}

async function head(path: string): Promise<string> {
  if (!path) return '';
  try {
    const file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(FILE_LIMIT), 0, FILE_LIMIT, 0);
    await file.close();
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function tail(engine: Engine, id: string): Promise<string> {
  const gone = new AbortController();
  const log = await engine.logs(id, { follow: false, tailLines: LOG_LINES, timestamps: false }, gone.signal);
  const parts: Buffer[] = [];
  for await (const piece of log) parts.push(piece as Buffer);
  const text = Buffer.concat(parts).toString();
  return text.slice(-LOG_LIMIT);
}
