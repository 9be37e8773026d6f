/**
 * Where a command's words go: results to stdout with back-pressure, notes and progress to stderr. Colour and progress
 * only on a terminal. A reader who leaves early (`| head`) ends the program quietly.
 */
import { once } from 'node:events';
import type { WriteStream } from 'node:tty';

/** Tables fit this many columns, unless the terminal is narrower. */
const MAX_WIDTH = 100;
const MIN_WIDTH = 60;

export class Terminal {
  readonly width: number;
  /** Somebody watches stderr: a progress bar makes sense. */
  readonly interactive: boolean;
  readonly colour: boolean;
  readonly #out: NodeJS.WriteStream;
  readonly #err: NodeJS.WriteStream;

  /** @param environment for NO_COLOR, TERM and CI. */
  constructor(out: NodeJS.WriteStream, err: NodeJS.WriteStream, environment: Record<string, string | undefined>) {
    this.#out = out;
    this.#err = err;
    const plain = Boolean(environment.NO_COLOR) || environment.TERM === 'dumb';
    this.colour = Boolean(out.isTTY) && !plain;
    this.interactive = Boolean(err.isTTY) && environment.TERM !== 'dumb' && !environment.CI;
    const columns = out.isTTY ? (out as WriteStream).columns : MAX_WIDTH;
    this.width = Math.max(MIN_WIDTH, Math.min(columns || MAX_WIDTH, MAX_WIDTH));
  }

  /** Waits while the reader is behind. */
  async write(text: string): Promise<void> {
    if (!this.#out.write(text)) await once(this.#out, 'drain');
  }

  async json(value: unknown): Promise<void> {
    await this.write(JSON.stringify(value) + '\n');
  }

  /** A line beside the results, on stderr. */
  note(line: string): void {
    this.#err.write(line + '\n');
  }

  get err(): NodeJS.WriteStream {
    return this.#err;
  }
}
