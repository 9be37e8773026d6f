/** A store of quotas behind a cache that is slow to see their writes. */
import type { KubeObject } from '../../../../core/index.ts';
import type { AdmissionWriter } from '../../../../runtime/api/admission/admission.ts';
import { conflict } from '../../../../runtime/api/http/status.ts';
import type { FakeView } from '../auth/fake-view.ts';

export class FakeWriter implements AdmissionWriter {
  readonly stored = new Map<string, KubeObject>();
  writes = 0;
  #revision = 100;

  /** What is stored and what the cache shows are the same to begin with. */
  constructor(quotas: readonly KubeObject[]) {
    for (const quota of quotas) this.stored.set(quota.metadata.name, quota);
  }

  async updateStatus(object: KubeObject): Promise<KubeObject> {
    await Promise.resolve();
    const { name, resourceVersion } = object.metadata;
    if (this.stored.get(name)?.metadata.resourceVersion !== resourceVersion) throw conflict('', 'resourcequotas', name);
    this.writes++;
    return this.put(object);
  }

  read(_group: string, _resource: string, _namespace: string, name: string): Promise<KubeObject | undefined> {
    return Promise.resolve(this.stored.get(name));
  }

  /** A write of somebody else. */
  put(object: KubeObject): KubeObject {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.stored.set(object.metadata.name, stored);
    return stored;
  }

  /** The cache catches up. */
  flush(view: FakeView): void {
    for (const object of this.stored.values()) view.put(object);
  }
}
