/**
 * Charges quotas one request after the other in each namespace. Usage is written by compare: another server may charge
 * the same quota. What was written last is kept until the cache has seen it, so that no request works on older figures.
 */
import type { KubeObject } from '../../../../core/index.ts';
import { ApiError } from '../../http/status.ts';
import type { ObjectsView } from '../../objects-view.ts';
import type { AdmissionWriter } from '../admission.ts';
import type { ResourceQuota } from './quota.ts';

const RETRIES = 3;

export class QuotaLedger {
  readonly #view: ObjectsView;
  readonly #writer: AdmissionWriter;
  /** The last charge of each namespace. */
  readonly #turns = new Map<string, Promise<void>>();
  /** By uid: written by us, perhaps not in the cache yet. */
  readonly #written = new Map<string, ResourceQuota>();

  constructor(view: ObjectsView, writer: AdmissionWriter) {
    this.#view = view;
    this.#writer = writer;
  }

  quotasOf(namespace: string): ResourceQuota[] {
    const quotas = [...this.#view.list('', 'resourcequotas', namespace)] as ResourceQuota[];
    return quotas.map((quota) => this.#newest(quota));
  }

  /**
   * Writes what `charge` makes of the namespace's quotas: those to change, with their new status. It is asked again when
   * one of them was changed meanwhile; what it throws is thrown.
   */
  async charge(namespace: string, charge: (quotas: readonly ResourceQuota[]) => ResourceQuota[]): Promise<void> {
    const before = this.#turns.get(namespace) ?? Promise.resolve();
    const turn = before.then(() => this.#write(namespace, charge));
    const settled = turn.catch(() => undefined);
    this.#turns.set(namespace, settled);
    try {
      await turn;
    } finally {
      if (this.#turns.get(namespace) === settled) this.#turns.delete(namespace);
    }
  }

  async #write(namespace: string, charge: (quotas: readonly ResourceQuota[]) => ResourceQuota[]): Promise<void> {
    const done = new Set<string>();
    for (let attempt = 0; ; attempt++) {
      const quotas = this.quotasOf(namespace).filter(({ metadata }) => !done.has(metadata.name));
      const conflicts: ResourceQuota[] = [];
      let error: unknown;
      for (const charged of charge(quotas)) {
        try {
          this.#keep(await this.#writer.updateStatus(charged));
          done.add(charged.metadata.name);
        } catch (reason) {
          if (!(reason instanceof ApiError) || reason.code !== 409) throw reason;
          error = reason;
          conflicts.push(charged);
        }
      }
      if (conflicts.length === 0) return;
      if (attempt === RETRIES) throw error;
      for (const { metadata } of conflicts) {
        const live = await this.#writer.read('', 'resourcequotas', namespace, metadata.name);
        if (live) this.#keep(live);
      }
    }
  }

  #keep(object: KubeObject): void {
    this.#written.set(object.metadata.uid ?? '', object as ResourceQuota);
  }

  #newest(quota: ResourceQuota): ResourceQuota {
    const uid = quota.metadata.uid ?? '';
    const written = this.#written.get(uid);
    if (!written) return quota;
    if (BigInt(written.metadata.resourceVersion ?? 0) > BigInt(quota.metadata.resourceVersion ?? 0)) return written;
    this.#written.delete(uid);
    return quota;
  }
}
