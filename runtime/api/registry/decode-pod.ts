/**
 * Stored pods, read without what most of their bytes are. They come by the ten thousand when a server starts, and most of
 * each is a spec that others have, too, and owners (managedFields) that hardly anybody asks for: these are read then.
 */
import { type ApiObject, isMap, type ManagedFieldsEntry } from '../object.ts';
import { sharedOfText } from './shared-specs.ts';

// Texts that cannot stand within a string of JSON, as its quotes would be escaped, and in a pod in one place only.
const START = '{"apiVersion":"v1","kind":"Pod","metadata":{';
const OWNERS = ',"managedFields":[';
const SPEC = ']},"spec":{';
const STATUS = ',"status":{';

interface Unread {
  value: Uint8Array;
  from: number;
  to: number;
}

const UNREAD: unique symbol = Symbol('unread');
const decoder = new TextDecoder();

/**
 * @param text of the value. @returns undefined for what is no pod, was not written by `encode` or lacks a part: it is read
 * as a whole then.
 */
export function decodePod(text: string, value: Uint8Array, revision: number): ApiObject | undefined {
  // Places in the text are places in the bytes where all of it is ASCII.
  if (!text.startsWith(START) || text.length !== value.length) return undefined;
  const owners = text.indexOf(OWNERS, START.length);
  const spec = owners < 0 ? -1 : text.indexOf(SPEC, owners);
  const status = spec < 0 ? -1 : text.indexOf(STATUS, spec);
  if (status < 0) return undefined;
  try {
    const rest = JSON.parse(`${text.slice(0, owners)}}${text.slice(status)}`) as ApiObject;
    const shared = sharedOfText(text.slice(spec + SPEC.length - 1, status));
    if ('spec' in rest || 'managedFields' in rest.metadata || !isMap(shared)) return undefined;
    const { apiVersion, kind, metadata, ...others } = rest;
    const read: ApiObject['metadata'] = { ...metadata, resourceVersion: String(revision) };
    leaveOwners(read, { value, from: owners + OWNERS.length - 1, to: spec + 1 });
    return { apiVersion, kind, metadata: read, spec: shared, ...others };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** They are a property as any other: who copies or prints the metadata has them. */
function leaveOwners(metadata: ApiObject['metadata'], unread: Unread): void {
  Object.defineProperty(metadata, UNREAD, { value: unread, configurable: true });
  Object.defineProperty(metadata, 'managedFields', { get: readOwners, enumerable: true, configurable: true });
}

function readOwners(this: { [UNREAD]: Unread }): ManagedFieldsEntry[] {
  const { value, from, to } = this[UNREAD];
  const read = JSON.parse(decoder.decode(value.subarray(from, to))) as ManagedFieldsEntry[];
  Object.defineProperty(this, 'managedFields', { value: read, enumerable: true, configurable: true, writable: true });
  Reflect.deleteProperty(this, UNREAD);
  return read;
}
