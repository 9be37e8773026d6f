/** Objects, lists and watch events in the form that was agreed upon. Plain ones are spliced together from stored bytes. */
import type { ApiKind } from '../kinds/kind.ts';
import { apiVersionOf } from '../kinds/table.ts';
import type { ApiObject } from '../object.ts';
import { headOf, pieces } from '../registry/codec.ts';
import type { CacheEntry } from '../registry/collection.ts';
import type { ListResult } from '../registry/list.ts';
import { served } from '../registry/parts.ts';
import type { Delivery } from '../registry/watch.ts';
import { partial, tableOf } from '../table/table.ts';
import type { Accepted } from './negotiate.ts';

const encoder = new TextEncoder();
const COMMA = encoder.encode(',');
const LIST_END = encoder.encode(']}\n');
const EVENT_END = encoder.encode('}\n');

export interface Rendering {
  /** As the request names it. */
  kind: ApiKind;
  /** The row whose columns are shown: of the stored form. */
  keeper: ApiKind;
  accepted: Accepted;
  /** ?includeObject= */
  include: string;
  now(): number;
}

export function renderObject({ kind, keeper, accepted, include, now }: Rendering, stored: ApiObject): unknown {
  if (accepted.form === 'partial') return partial(stored, accepted.version);
  if (accepted.form === 'object') return served(kind, stored);
  const { resourceVersion } = stored.metadata;
  const options = { version: accepted.version, include, nowMs: now(), headed: true };
  return tableOf(keeper, [stored], { resourceVersion }, options);
}

export function renderList(rendering: Rendering, list: ListResult): Uint8Array {
  const { kind, keeper, accepted, include, now } = rendering;
  const metadata: Record<string, unknown> = { resourceVersion: String(list.revision) };
  if (list.continue !== undefined) metadata.continue = list.continue;
  if (list.remaining !== undefined) metadata.remainingItemCount = list.remaining;
  if (accepted.form === 'object') return plainList(kind, metadata, list.entries);
  const objects = list.entries.map(({ object }) => object);
  if (accepted.form === 'table') {
    const options = { version: accepted.version, include, nowMs: now(), headed: true };
    return encoder.encode(`${JSON.stringify(tableOf(keeper, objects, metadata, options))}\n`);
  }
  const items = objects.map((object) => partial(object, accepted.version));
  const body = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accepted.version}`, metadata, items };
  return encoder.encode(`${JSON.stringify(body)}\n`);
}

function plainList(kind: ApiKind, metadata: object, entries: readonly CacheEntry[]): Uint8Array {
  const start = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  const chunks: Uint8Array[] = [encoder.encode(`${JSON.stringify(start).slice(0, -1)},"items":[`)];
  const head = headOf(apiVersionOf(kind), kind.kind);
  entries.forEach((entry, i) => {
    if (i > 0) chunks.push(COMMA);
    chunks.push(...plainObject(kind, head, entry));
  });
  chunks.push(LIST_END);
  return Buffer.concat(chunks);
}

/** The object's JSON in pieces: copied where it is stored as it is served, written anew otherwise. */
function plainObject(kind: ApiKind, head: Uint8Array, { object, value, revision }: CacheEntry): Uint8Array[] {
  const copied = kind.storage ? undefined : pieces(value, head, revision);
  return copied ?? [encoder.encode(JSON.stringify(served(kind, object)))];
}

/** Writes a watch's events, one a line; remembers what a table has said already. */
export class EventWriter {
  readonly #rendering: Rendering;
  readonly #head: Uint8Array;
  readonly #apiVersion: string;
  #headed = false;

  constructor(rendering: Rendering) {
    this.#rendering = rendering;
    this.#apiVersion = apiVersionOf(rendering.kind);
    this.#head = headOf(this.#apiVersion, rendering.kind.kind);
  }

  events(deliveries: readonly Delivery[]): Uint8Array {
    return Buffer.concat(deliveries.map((delivery) => this.#event(delivery)));
  }

  bookmark(revision: number, initial: boolean): Uint8Array {
    const { kind, accepted } = this.#rendering;
    const annotations = initial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
    const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...annotations };
    const object =
      accepted.form === 'object'
        ? { kind: kind.kind, apiVersion: this.#apiVersion, metadata }
        : partial({ metadata } as unknown as ApiObject, accepted.version);
    return line('BOOKMARK', object);
  }

  #event({ type, entry, event }: Delivery): Uint8Array {
    const { kind, keeper, accepted, include, now } = this.#rendering;
    if (accepted.form === 'table') {
      const options = { version: accepted.version, include, nowMs: now(), headed: !this.#headed };
      this.#headed = true;
      const { resourceVersion } = entry.object.metadata;
      return line(type, tableOf(keeper, [entry.object], { resourceVersion }, options));
    }
    const form = accepted.form === 'partial' ? `${type} ${accepted.version}` : `${type} ${this.#apiVersion}`;
    const known = event?.encoded.get(form);
    if (known) return known;
    const encoded =
      accepted.form === 'partial'
        ? line(type, partial(entry.object, accepted.version))
        : Buffer.concat([STARTS[type], ...plainObject(kind, this.#head, entry), EVENT_END]);
    event?.encoded.set(form, encoded);
    return encoded;
  }
}

const STARTS = {
  ADDED: encoder.encode('{"type":"ADDED","object":'),
  MODIFIED: encoder.encode('{"type":"MODIFIED","object":'),
  DELETED: encoder.encode('{"type":"DELETED","object":'),
};

export function line(type: string, object: unknown): Uint8Array {
  return encoder.encode(`${JSON.stringify({ type, object })}\n`);
}
