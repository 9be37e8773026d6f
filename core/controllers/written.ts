/**
 * What a controller has written and not yet observed. What it reads meanwhile is older than its own decisions, and a
 * decision made of that could undo one, or go past a limit that both together keep. (Kubernetes' Deployment controller
 * goes by conflicts of single objects here, which do not see one object old and another new.)
 */
import type { KubeObject } from '../objects/types.ts';
import { EXPECTATION_LIMIT_MS } from './expectations.ts';

interface Awaited {
  generation: number;
  sinceMs: number;
}

export class Written {
  /** By key, then by uid. */
  readonly #byKey = new Map<string, Map<string, Awaited>>();

  /** `object` as the API answered. */
  note(key: string, { metadata: { uid = '', generation = 0 } }: KubeObject, nowMs: number): void {
    let awaited = this.#byKey.get(key);
    if (!awaited) this.#byKey.set(key, (awaited = new Map()));
    awaited.set(uid, { generation, sinceMs: nowMs });
  }

  /** Has gone: nothing more of it is to be observed. */
  gone(key: string, { metadata: { uid = '' } }: KubeObject): void {
    this.#byKey.get(key)?.delete(uid);
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** Whether `objects` are as new as what was written. What was awaited for too long is awaited no more. */
  observed(key: string, objects: Iterable<KubeObject>, nowMs: number): boolean {
    const awaited = this.#byKey.get(key);
    if (!awaited) return true;
    for (const { metadata } of objects) {
      const write = awaited.get(metadata.uid ?? '');
      if (write && (metadata.generation ?? 0) >= write.generation) awaited.delete(metadata.uid ?? '');
    }
    for (const [uid, { sinceMs }] of awaited) if (nowMs - sinceMs > EXPECTATION_LIMIT_MS) awaited.delete(uid);
    if (awaited.size === 0) this.#byKey.delete(key);
    return awaited.size === 0;
  }
}
