/**
 * Stored pods, read without what most of their bytes are. They come by the ten thousand when a server starts, and most of
 * each is a spec that others have, too, and owners (managedFields) that hardly anybody asks for: these are read then.
 */
import { type ApiObject, isMap, type ManagedFieldsEntry } from '../object.ts';
import { sharedOfBytes } from './shared-specs.ts';

// Texts that cannot stand within a string of JSON, as its quotes would be escaped, and in a pod in one place only.
const START = Buffer.from('{"apiVersion":"v1","kind":"Pod","metadata":{');
const OWNERS = Buffer.from(',"managedFields":[');
const SPEC = Buffer.from(']},"spec":{');
const STATUS = Buffer.from(',"status":{');

interface Unread {
  value: Buffer;
  from: number;
  to: number;
}

const UNREAD: unique symbol = Symbol('unread');

/**
 * @returns undefined for what is no pod, was not written by `encode` or lacks a part: it is read as a whole then.
 */
export function decodePod(stored: Uint8Array, revision: number): ApiObject | undefined {
  const value = Buffer.isBuffer(stored) ? stored : Buffer.from(stored.buffer, stored.byteOffset, stored.length);
  if (value.length < START.length || START.compare(value, 0, START.length) !== 0) return undefined;
  const owners = value.indexOf(OWNERS, START.length);
  const spec = owners < 0 ? -1 : value.indexOf(SPEC, owners);
  const status = spec < 0 ? -1 : value.indexOf(STATUS, spec);
  if (status < 0) return undefined;
  try {
    const text = `${value.toString('utf8', 0, owners)}}${value.toString('utf8', status)}`;
    const rest = JSON.parse(text) as ApiObject;
    const shared = sharedOfBytes(value, spec + SPEC.length - 1, status);
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
  const read = JSON.parse(value.toString('utf8', from, to)) as ManagedFieldsEntry[];
  Object.defineProperty(this, 'managedFields', { value: read, enumerable: true, configurable: true, writable: true });
  Reflect.deleteProperty(this, UNREAD);
  return read;
}
