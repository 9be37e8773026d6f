/** What was decided, by whom and why, in order; and a hash of it, equal for equal runs. */
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../../core/index.ts';
import { keyOf } from '../../../core/index.ts';

export interface LogEntry {
  /** Since the beginning. */
  atMs: number;
  /** 'scenario', 'scheduler', 'drain', 'kubelet', or a controller's name. */
  by: string;
  /** 'Pod default/web-7d4b9-x2x4z' */
  object: string;
  /** 'Scheduled', 'FailedScheduling', 'ScalingReplicaSet', 'Evicted', …: Kubernetes' reasons where it has them. */
  what: string;
  why: string;
}

export class DecisionLog {
  readonly entries: LogEntry[] = [];
  readonly #hash = createHash('sha256');
  readonly #now: () => number;
  /** By who decides and about what, the last words: told again and again, they are told once. */
  readonly #last = new Map<string, string>();

  /** @param now ms since the beginning. */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(by: string, object: KubeObject | string, what: string, why: string): void {
    const name = typeof object === 'string' ? object : `${object.kind} ${keyOf(object)}`;
    const words = `${what} ${why}`;
    if (this.#last.get(`${by} ${name}`) === words) return;
    this.#last.set(`${by} ${name}`, words);
    const entry: LogEntry = { atMs: this.#now(), by, object: name, what, why };
    this.entries.push(entry);
    this.#hash.update(`${entry.atMs} ${by} ${name} ${words}\n`);
  }

  /** SHA-256; once, at the end. */
  hash(): string {
    return this.#hash.digest('hex');
  }
}
