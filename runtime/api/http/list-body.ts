/**
 * A list of stored objects as it goes to the client: spliced together from stored bytes, a piece at a time. A list of tens of
 * megabytes in one piece costs more in fresh memory, and in the collections that it sets off, than in encryption.
 */
import type { ApiKind } from '../kinds/kind.ts';
import { apiVersionOf } from '../kinds/table.ts';
import { beginsWith, headOf, splice, versionText } from '../registry/codec.ts';
import type { CacheEntry } from '../registry/collection.ts';
import { served } from '../registry/parts.ts';
import type { Body } from './respond.ts';

const COMMA = 0x2c;
const LIST_END = Buffer.from(']}\n');
/** Objects are written into a piece until it has so many bytes. */
const PIECE_BYTES = 256 * 1024;

/** An object's JSON in the answer. */
interface Item {
  value: Uint8Array;
  /** What is put in behind the head; undefined: the value was written for this answer. */
  version: string | undefined;
}

/** @param metadata of the list. @param pieceBytes what a piece has at most, but for one object that is larger. */
export function plainList(
  kind: ApiKind,
  metadata: object,
  entries: readonly CacheEntry[],
  pieceBytes = PIECE_BYTES,
): Body {
  const start = { kind: `${kind.kind}List`, apiVersion: apiVersionOf(kind), metadata };
  const opening = Buffer.from(`${JSON.stringify(start).slice(0, -1)},"items":[`);
  const head = headOf(apiVersionOf(kind), kind.kind);
  const items = entries.map((entry) => itemOf(kind, head, entry));
  let bytes = opening.length + Math.max(0, items.length - 1) + LIST_END.length;
  for (const item of items) bytes += sizeOf(item);
  return { bytes, pieces: piecesOf(opening, head, items, Math.min(bytes, pieceBytes)) };
}

function itemOf(kind: ApiKind, head: Uint8Array, entry: CacheEntry): Item {
  if (!kind.storage && beginsWith(entry.value, head))
    return { value: entry.value, version: versionText(entry.revision) };
  return { value: Buffer.from(JSON.stringify(served(kind, entry.object))), version: undefined };
}

function sizeOf({ value, version }: Item): number {
  return value.length + (version?.length ?? 0);
}

/** All in one memory, filled anew for each. @param bytes of a piece. */
function* piecesOf(opening: Buffer, head: Uint8Array, items: readonly Item[], bytes: number): Generator<Uint8Array> {
  let piece = Buffer.allocUnsafe(Math.max(bytes, opening.length, LIST_END.length));
  let at = opening.copy(piece);
  for (let i = 0; i < items.length; i++) {
    const size = sizeOf(items[i]) + 1;
    if (at + size > piece.length && at > 0) {
      yield piece.subarray(0, at);
      at = 0;
    }
    if (size > piece.length) piece = Buffer.allocUnsafe(size);
    if (i > 0) piece[at++] = COMMA;
    at = put(piece, at, head, items[i]);
  }
  if (at + LIST_END.length > piece.length) {
    yield piece.subarray(0, at);
    at = 0;
  }
  at += LIST_END.copy(piece, at);
  yield piece.subarray(0, at);
}

/** @returns where it ends. */
function put(into: Buffer, at: number, head: Uint8Array, { value, version }: Item): number {
  if (version !== undefined) return splice(into, at, value, head, version);
  into.set(value, at);
  return at + value.length;
}
