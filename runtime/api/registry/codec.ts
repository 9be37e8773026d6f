/**
 * Objects as the store keeps them: JSON whose first bytes are the same for every object of a kind, and which lacks
 * metadata.resourceVersion (that is the entry's revision). So it can be put into an answer by copying bytes.
 */
import type { ApiObject } from '../object.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** '{"apiVersion":"v1","kind":"Pod","metadata":{': what every encoded object of the kind begins with. */
export function headOf(apiVersion: string, kind: string): Uint8Array {
  return encoder.encode(`{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":{`);
}

/** metadata.resourceVersion is left out. */
export function encode(object: ApiObject): Uint8Array {
  const { apiVersion, kind, metadata, ...rest } = object;
  const { resourceVersion: _, ...kept } = metadata;
  return Buffer.from(JSON.stringify({ apiVersion, kind, metadata: kept, ...rest }));
}

/** Throws when the bytes are no object; a store of ours never holds such. */
export function decode(value: Uint8Array, revision: number): ApiObject {
  return withRevision(JSON.parse(decoder.decode(value)) as ApiObject, revision);
}

export function withRevision(object: ApiObject, revision: number): ApiObject {
  const { name, namespace, ...rest } = object.metadata;
  const resourceVersion = String(revision);
  const metadata = namespace ? { name, namespace, ...rest, resourceVersion } : { name, ...rest, resourceVersion };
  return { ...object, metadata };
}

/** The value with its resourceVersion, as three pieces to copy; undefined when it does not begin with `head`. */
export function pieces(value: Uint8Array, head: Uint8Array, revision: number): Uint8Array[] | undefined {
  if (value.length <= head.length || !startsWith(value, head)) return undefined;
  return [head, Buffer.from(`"resourceVersion":"${revision}",`, 'latin1'), value.subarray(head.length)];
}

function startsWith(value: Uint8Array, head: Uint8Array): boolean {
  for (let i = head.length - 1; i >= 0; i--) if (value[i] !== head[i]) return false;
  return true;
}
