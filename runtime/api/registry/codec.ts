/**
 * Objects as the store keeps them: JSON whose first bytes are the same for every object of a kind, and which lacks
 * metadata.resourceVersion (that is the entry's revision). So it can be put into an answer by copying bytes.
 */
import type { ApiObject, ManagedFieldsEntry } from '../object.ts';
import { fieldsText } from '../patch/apply/field-set.ts';
import { decodePod } from './decode-pod.ts';
import { sharedText } from './shared-specs.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** '{"apiVersion":"v1","kind":"Pod","metadata":{': what every encoded object of the kind begins with. */
export function headOf(apiVersion: string, kind: string): Uint8Array {
  return encoder.encode(`{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":{`);
}

/** metadata.resourceVersion is left out; managedFields stand last in metadata. */
export function encode(object: ApiObject): Uint8Array {
  const { apiVersion, kind, metadata } = object;
  let text = `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":${metadataText(metadata)}`;
  for (const field in object) {
    if (field === 'apiVersion' || field === 'kind' || field === 'metadata') continue;
    const part = partText(object[field]);
    if (part !== undefined) text += `,${JSON.stringify(field)}:${part}`;
  }
  return Buffer.from(`${text}}`);
}

/** What is not to be there is set to undefined in a copy, which costs a tenth of a copy without it. */
function metadataText(metadata: ApiObject['metadata']): string {
  const { managedFields } = metadata;
  const text = JSON.stringify({ ...metadata, resourceVersion: undefined, managedFields: undefined });
  if (!Array.isArray(managedFields)) return text;
  let owners = '';
  for (const entry of managedFields) owners += `${owners === '' ? '' : ','}${entryText(entry)}`;
  return `${text.slice(0, -1)}${text === '{}' ? '' : ','}"managedFields":[${owners}]}`;
}

/** undefined for what has no JSON. */
function partText(part: unknown): string | undefined {
  return (typeof part === 'object' && part !== null ? sharedText(part) : undefined) ?? JSON.stringify(part);
}

/** Most of an entry is the same text for many objects. */
function entryText(entry: ManagedFieldsEntry): string {
  const { fieldsV1 } = entry;
  const text = typeof fieldsV1 === 'object' && fieldsV1 !== null ? fieldsText(fieldsV1) : undefined;
  if (text === undefined) return JSON.stringify(entry);
  return `${JSON.stringify({ ...entry, fieldsV1: undefined }).slice(0, -1)},"fieldsV1":${text}}`;
}

/** Throws when the bytes are no object; a store of ours never holds such. */
export function decode(value: Uint8Array, revision: number): ApiObject {
  return decodePod(value, revision) ?? withRevision(JSON.parse(decoder.decode(value)) as ApiObject, revision);
}

export function withRevision(object: ApiObject, revision: number): ApiObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** What stands behind the head of an object of that revision, and in front of the rest of it. */
export function versionText(revision: number): string {
  return `"resourceVersion":"${revision}",`;
}

/** Whether the value was written by `encode`, for a kind with that head, and has some metadata. */
export function beginsWith(value: Uint8Array, head: Uint8Array): boolean {
  if (value.length <= head.length) return false;
  for (let i = head.length - 1; i >= 0; i--) if (value[i] !== head[i]) return false;
  return true;
}

/** Puts the value with its resourceVersion at a place of `into`. @returns where it ends. @param value begins with `head`. */
export function splice(into: Buffer, at: number, value: Uint8Array, head: Uint8Array, version: string): number {
  into.set(head, at);
  const behind = at + head.length + into.write(version, at + head.length, 'latin1');
  into.set(head.length === 0 ? value : value.subarray(head.length), behind);
  return behind + value.length - head.length;
}
