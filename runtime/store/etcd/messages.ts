/** Those messages of etcd's v3 API that a store needs. Field numbers: etcd 3.4, etcdserverpb/rpc.proto and mvccpb/kv.proto. */
import { MessageWriter, readMessage } from './wire.ts';

export interface KeyValue {
  key: Buffer;
  value: Buffer;
  createRevision: number;
  modRevision: number;
}

export interface RangeQuery {
  key: Uint8Array;
  /** Exclusive; left out: the key alone. */
  end?: Uint8Array;
  limit?: number;
  /** 0 or left out: the newest. */
  revision?: number;
  countOnly?: boolean;
}

export function rangeRequest({ key, end, limit = 0, revision = 0, countOnly = false }: RangeQuery): Buffer {
  const writer = new MessageWriter().bytes(1, key);
  if (end !== undefined) writer.bytes(2, end);
  return writer.int(3, limit).int(4, revision).bool(9, countOnly).finish();
}

export interface RangeAnswer {
  /** The newest revision, whatever was asked for. */
  revision: number;
  entries: KeyValue[];
  /** All in the range, beyond the limit too. */
  count: number;
}

export function readRange(message: Buffer): RangeAnswer {
  const answer: RangeAnswer = { revision: 0, entries: [], count: 0 };
  readMessage(message, {
    int: (field, value) => {
      if (field === 4) answer.count = value;
    },
    bytes: (field, value) => {
      if (field === 1) answer.revision = readRevision(value);
      else if (field === 2) answer.entries.push(readKeyValue(value));
    },
  });
  return answer;
}

export type EtcdWrite = { key: Uint8Array; value: Uint8Array } | { key: Uint8Array; delete: true };

/** Compares are of mod revisions, for equality; where one fails, the answer holds the entry of each. */
export function txnRequest(
  compares: readonly { key: Uint8Array; modRevision: number }[],
  writes: readonly EtcdWrite[],
): Buffer {
  const writer = new MessageWriter();
  for (const { key, modRevision } of compares) {
    // result EQUAL is 0; target MOD is 2. A revision of 0 must be written: it is one of several alternatives.
    const compare = new MessageWriter().int(2, 2).bytes(3, key);
    writer.message(
      1,
      modRevision === 0 ? Buffer.concat([compare.finish(), ZERO_MOD_REVISION]) : compare.int(6, modRevision).finish(),
    );
  }
  for (const write of writes)
    writer.message(
      2,
      'delete' in write
        ? new MessageWriter().message(3, new MessageWriter().bytes(1, write.key).finish()).finish()
        : new MessageWriter()
            .message(2, new MessageWriter().bytes(1, write.key).bytes(2, write.value).finish())
            .finish(),
    );
  for (const { key } of compares) writer.message(3, new MessageWriter().message(1, rangeRequest({ key })).finish());
  return writer.finish();
}

const ZERO_MOD_REVISION = Buffer.from([6 * 8, 0]);

export interface TxnAnswer {
  revision: number;
  succeeded: boolean;
  /** One for each compare where one failed. */
  current: (KeyValue | undefined)[];
}

export function readTxn(message: Buffer): TxnAnswer {
  const answer: TxnAnswer = { revision: 0, succeeded: false, current: [] };
  readMessage(message, {
    int: (field, value) => {
      if (field === 2) answer.succeeded = value === 1;
    },
    bytes: (field, value) => {
      if (field === 1) answer.revision = readRevision(value);
      else if (field === 3)
        readMessage(value, {
          bytes: (kind, range) => {
            if (kind === 1) answer.current.push(readRange(range).entries[0]);
          },
        });
    },
  });
  return answer;
}

export function compactionRequest(revision: number): Buffer {
  return new MessageWriter().int(1, revision).finish();
}

/** Asks for previous values, and for word of progress while nothing happens. */
export function watchRequest({ key, end, from }: { key: Uint8Array; end: Uint8Array; from: number }): Buffer {
  const create = new MessageWriter().bytes(1, key).bytes(2, end).int(3, from).bool(4, true).bool(6, true);
  return new MessageWriter().message(1, create.finish()).finish();
}

export interface WatchAnswer {
  revision: number;
  created: boolean;
  canceled: boolean;
  /** Above 0: the watch is from below what has been compacted. */
  compactRevision: number;
  cancelReason: string;
  events: { deleted: boolean; entry: KeyValue; previous: KeyValue | undefined }[];
}

export function readWatch(message: Buffer): WatchAnswer {
  const answer: WatchAnswer = {
    revision: 0,
    created: false,
    canceled: false,
    compactRevision: 0,
    cancelReason: '',
    events: [],
  };
  readMessage(message, {
    int: (field, value) => {
      if (field === 3) answer.created = value === 1;
      else if (field === 4) answer.canceled = value === 1;
      else if (field === 5) answer.compactRevision = value;
    },
    bytes: (field, value) => {
      if (field === 1) answer.revision = readRevision(value);
      else if (field === 6) answer.cancelReason = value.toString('utf8');
      else if (field === 11) answer.events.push(readEvent(value));
    },
  });
  return answer;
}

function readEvent(message: Buffer): WatchAnswer['events'][number] {
  let deleted = false;
  let entry: KeyValue = readKeyValue(Buffer.alloc(0));
  let previous: KeyValue | undefined;
  readMessage(message, {
    int: (field, value) => {
      if (field === 1) deleted = value === 1;
    },
    bytes: (field, value) => {
      if (field === 2) entry = readKeyValue(value);
      else if (field === 3) previous = readKeyValue(value);
    },
  });
  return { deleted, entry, previous };
}

function readKeyValue(message: Buffer): KeyValue {
  const entry: KeyValue = { key: NOTHING, value: NOTHING, createRevision: 0, modRevision: 0 };
  readMessage(message, {
    int: (field, value) => {
      if (field === 2) entry.createRevision = value;
      else if (field === 3) entry.modRevision = value;
    },
    bytes: (field, value) => {
      if (field === 1) entry.key = value;
      else if (field === 5) entry.value = value;
    },
  });
  return entry;
}

const NOTHING = Buffer.alloc(0);

/** Of a response's header. */
function readRevision(header: Buffer): number {
  let revision = 0;
  readMessage(header, {
    int: (field, value) => {
      if (field === 3) revision = value;
    },
  });
  return revision;
}
