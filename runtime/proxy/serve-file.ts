/** A file served by a data plane, anew whenever it changes. A wrong file is told, and what was served before goes on. */
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { ApiError, type Problem } from '../../core/index.ts';
import { tableChanges } from './changes.ts';
import type { DataPlane, TableChanges } from './data-plane.ts';
import { type Feed, type FeedOptions, readFeed } from './feed.ts';

export interface FileServerOptions extends FeedOptions {
  /** After each change: what was told to the data plane, what it could not do, and how long it took to acknowledge. */
  onChange(feed: Feed, changes: TableChanges, problems: readonly Problem[], tookMs: number): void;
  /** The file is wrong, or gone. */
  onRefused(error: unknown): void;
}

/** A file that is replaced by renaming is seen too. */
const POLL_MS = 200;

export class FileServer {
  readonly #path: string;
  readonly #plane: DataPlane;
  readonly #options: FileServerOptions;
  #feed: Feed | undefined;
  #bytes: Uint8Array = new Uint8Array();
  #version = 0;
  #busy: Promise<void> = Promise.resolve();
  #firstLook: NodeJS.Timeout | undefined;

  constructor(path: string, plane: DataPlane, options: FileServerOptions) {
    this.#path = path;
    this.#plane = plane;
    this.#options = options;
  }

  /** Reads the file and serves it, and watches it from then on. @param feed what was read of it already. */
  async start(feed: Feed): Promise<void> {
    this.#bytes = readFileSync(this.#path);
    await this.#serve(feed);
    const look = (): void => {
      this.#busy = this.#busy.then(() => this.#reload());
    };
    watchFile(this.#path, { interval: POLL_MS }, look);
    // What changed after it was read and before the watch had seen it first is told by nobody.
    this.#firstLook = setTimeout(look, POLL_MS);
  }

  /** Resolves when no change is under way. */
  async stop(): Promise<void> {
    unwatchFile(this.#path);
    clearTimeout(this.#firstLook);
    await this.#busy;
  }

  async #reload(): Promise<void> {
    let feed: Feed;
    try {
      const bytes = readFileSync(this.#path);
      if (Buffer.compare(bytes, this.#bytes) === 0) return;
      this.#bytes = bytes;
      feed = readFeed(bytes, this.#path, { ...this.#options, before: this.#feed });
    } catch (error) {
      this.#options.onRefused(error);
      return;
    }
    await this.#serve(feed);
  }

  async #serve(feed: Feed): Promise<void> {
    const changes = tableChanges(this.#feed, feed);
    this.#feed = feed;
    let problems: readonly Problem[] = [];
    const beganMs = performance.now();
    try {
      await this.#plane.apply(++this.#version, changes);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problems = error.problems;
    }
    this.#options.onChange(feed, changes, problems, performance.now() - beganMs);
  }
}
