/** Objects, lists and watch events in the form that was agreed upon. Plain ones are spliced together from stored bytes. */
import type { ApiKind } from '../kinds/kind.ts';
import { apiVersionOf } from '../kinds/table.ts';
import type { ApiObject } from '../object.ts';
import type { Cache } from '../registry/cache.ts';
import { beginsWith, headOf, splice, versionText } from '../registry/codec.ts';
import type { CacheEntry } from '../registry/collection.ts';
import { objectKey } from '../registry/keys.ts';
import type { ListResult } from '../registry/list.ts';
import { served } from '../registry/parts.ts';
import type { Delivery } from '../registry/watch.ts';
import { partial, tableOf } from '../table/table.ts';
import { plainList } from './list-body.ts';
import type { Accepted } from './negotiate.ts';
import { type Body, bodyOf } from './respond.ts';

const encoder = new TextEncoder();
const LINE_END = Buffer.from('\n');
const EVENT_END = encoder.encode('}\n');

export interface Rendering {
  /** As the request names it. */
  kind: ApiKind;
  /** The row whose columns are shown: of the stored form. */
  keeper: ApiKind;
  accepted: Accepted;
  /** ?includeObject= */
  include: string;
  cache: Cache;
  now(): number;
}

export function renderObject({ kind, keeper, accepted, include, now }: Rendering, stored: ApiObject): unknown {
  if (accepted.form === 'partial') return partial(stored, accepted.version);
  if (accepted.form === 'object') return served(kind, stored);
  const { resourceVersion } = stored.metadata;
  const options = { version: accepted.version, include, nowMs: now(), headed: true };
  return tableOf(keeper, [stored], { resourceVersion }, options);
}

export function renderList(rendering: Rendering, list: ListResult): Body {
  const { kind, keeper, accepted, include, now } = rendering;
  const metadata: Record<string, unknown> = { resourceVersion: String(list.revision) };
  if (list.continue !== undefined) metadata.continue = list.continue;
  if (list.remaining !== undefined) metadata.remainingItemCount = list.remaining;
  if (accepted.form === 'object') return plainList(kind, metadata, list.entries);
  const objects = list.entries.map(({ object }) => object);
  if (accepted.form === 'table') {
    const options = { version: accepted.version, include, nowMs: now(), headed: true };
    return bodyOf(encoder.encode(`${JSON.stringify(tableOf(keeper, objects, metadata, options))}\n`));
  }
  const items = objects.map((object) => partial(object, accepted.version));
  const body = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accepted.version}`, metadata, items };
  return bodyOf(encoder.encode(`${JSON.stringify(body)}\n`));
}

/** What stands in the cache as it is served, put together from stored bytes; undefined: it has to be written. */
export function objectBytes({ kind, accepted, cache }: Rendering, stored: ApiObject): Uint8Array | undefined {
  if (accepted.form !== 'object' || kind.storage) return undefined;
  const { namespace = '', name } = stored.metadata;
  const entry = cache.collection(kind.group, kind.plural).get(objectKey(kind.namespaced ? namespace : '', name));
  const head = headOf(apiVersionOf(kind), kind.kind);
  if (entry?.object !== stored || !beginsWith(entry.value, head)) return undefined;
  const version = versionText(entry.revision);
  const bytes = Buffer.allocUnsafe(entry.value.length + version.length + LINE_END.length);
  LINE_END.copy(bytes, splice(bytes, 0, entry.value, head, version));
  return bytes;
}

/** The object's JSON: copied where it is stored as it is served, written anew otherwise. */
function plainObject(kind: ApiKind, head: Uint8Array, entry: CacheEntry): Uint8Array {
  if (kind.storage || !beginsWith(entry.value, head)) return writtenAnew(kind, entry);
  const version = versionText(entry.revision);
  const bytes = Buffer.allocUnsafe(entry.value.length + version.length);
  splice(bytes, 0, entry.value, head, version);
  return bytes;
}

function writtenAnew(kind: ApiKind, { object }: CacheEntry): Uint8Array {
  return encoder.encode(JSON.stringify(served(kind, object)));
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
    const events = deliveries.map((delivery) => this.#event(delivery));
    return events.length === 1 ? events[0] : Buffer.concat(events);
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
    const known = event?.encoded?.get(form);
    if (known) return known;
    const encoded =
      accepted.form === 'partial'
        ? line(type, partial(entry.object, accepted.version))
        : Buffer.concat([STARTS[type], plainObject(kind, this.#head, entry), EVENT_END]);
    if (event) (event.encoded ??= new Map()).set(form, encoded);
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
