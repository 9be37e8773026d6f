/** Random histories of a store beside the plain model: run by a property test for each backend. */
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { CompactedError } from '../../../runtime/store/errors.ts';
import type { Store, StoreEvent, TxnRequest, TxnResult } from '../../../runtime/store/store.ts';
import { describe, Model } from './model.ts';
import { rejection, write } from './requests.ts';
import { Watching } from './watching.ts';

/** Few and close, so that they meet; the last two stand in another order by UTF-16 units than by bytes. */
const KEYS = ['a', 'a/', 'a/1', 'a/1/x', 'a/2', 'b', '\uff5e', '\u{1f600}'];
const PREFIXES = ['', 'a', 'a/', 'a/1', 'b', 'c', '\u{1f600}'];

const key = fc.constantFrom(...KEYS);
const writes = fc
  .uniqueArray(fc.record({ key, value: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }) }), {
    selector: (one) => one.key,
    maxLength: 4,
  })
  .map((all) => all.map(({ key, value }) => write(value === undefined ? key : `${key}=${value}`)));
/** A compare asks for the key as it is, as it was some revisions ago, or to be absent. */
const compares = fc.array(fc.record({ key, ask: fc.constantFrom('now', 'now', 'now', 'before', 'absent') }), {
  maxLength: 2,
});

type Step =
  | { do: 'txns'; txns: { compares: { key: string; ask: string }[]; writes: ReturnType<typeof write>[] }[] }
  | { do: 'list'; prefix: string; limit: number; back: number }
  | { do: 'get'; key: string; back: number }
  | { do: 'watch'; prefix: string; back: number }
  | { do: 'compact'; back: number }
  | { do: 'reopen' };

const back = fc.oneof(fc.nat(2), fc.nat(30));
const prefix = fc.constantFrom(...PREFIXES);
const txns = fc
  .array(fc.record({ compares, writes }), { minLength: 1, maxLength: 6, size: 'max' })
  .map((all): Step => ({ do: 'txns', txns: all }));
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: txns, weight: 6 },
  { arbitrary: fc.record({ do: fc.constant('list' as const), prefix, limit: fc.nat(4), back }), weight: 3 },
  { arbitrary: fc.record({ do: fc.constant('get' as const), key, back }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('watch' as const), prefix, back }), weight: 2 },
  { arbitrary: fc.record({ do: fc.constant('compact' as const), back }), weight: 1 },
  { arbitrary: fc.record({ do: fc.constant('reopen' as const) }), weight: 1 },
);

export const histories = fc.array(step, { minLength: 5, maxLength: 60, size: 'max' });

export interface Traits {
  /** Closes it and opens it again where it lasts; gives it back where it does not. */
  reopen?(store: Store): Promise<Store>;
  /** Txns under way at once take effect in the order in which they were asked. */
  ordered: boolean;
}

export async function replay(opened: Store, steps: readonly Step[], { reopen, ordered }: Traits): Promise<void> {
  let store = opened;
  // Below it lies, in etcd, what histories before this one have compacted.
  const first = await store.revision();
  const model = new Model(first);
  let compacted = 0;
  const watches: { watching: Watching; prefix: string; after: number }[] = [];
  try {
    for (const step of steps) {
      const revision = Math.max(model.newest.revision - ('back' in step ? step.back : 0), first);
      if (step.do === 'txns') await txnsAgree(store, model, step.txns, ordered);
      else if (step.do === 'compact') {
        await store.compact(revision);
        compacted = Math.max(compacted, revision);
      } else if (step.do === 'reopen') {
        const next = (await reopen?.(store)) ?? store;
        // What watches of a store that is closed had yet to tell, they do not.
        if (next !== store) watches.length = 0;
        store = next;
      } else if (step.do === 'watch') {
        if (revision < compacted) await watchFails(store, step.prefix, revision);
        else
          watches.push({
            watching: new Watching(store, { prefix: step.prefix, after: revision }),
            prefix: step.prefix,
            after: revision,
          });
      } else if (revision < compacted) {
        const read = step.do === 'get' ? store.get(step.key, revision) : store.list({ prefix: '', revision });
        assert.instance(await rejection(read), CompactedError);
      } else if (step.do === 'get') {
        const entry = await store.get(step.key, revision);
        const expected = model.list(revision, step.key).find((text) => text.startsWith(`${step.key}=`));
        assert.is(entry && describe(entry), expected);
      } else await pagesAgree(store, model, step, revision);
    }
    for (const { watching, prefix, after } of watches) await eventsAgree(watching, model, prefix, after, compacted);
  } finally {
    await store.close();
  }
}

/** All at once, where they keep their order: they are answered as if they came one after another. */
async function txnsAgree(
  store: Store,
  model: Model,
  txns: Extract<Step, { do: 'txns' }>['txns'],
  ordered: boolean,
): Promise<void> {
  const requests: TxnRequest[] = [];
  const expected: unknown[] = [];
  for (const { compares, writes } of txns) {
    const request = {
      compares: compares.map(({ key, ask }) => ({ key, modRevision: askedRevision(model, key, ask) })),
      writes,
    };
    requests.push(request);
    const committed = model.txn(request);
    const { revision, entries } = model.newest;
    const current = request.compares.map(({ key }) => entries.get(key)).map((entry) => entry && describe(entry));
    expected.push(committed ? { committed, revision } : { committed, revision, current });
  }
  const results: TxnResult[] = [];
  if (ordered) results.push(...(await Promise.all(requests.map((request) => store.txn(request)))));
  else for (const request of requests) results.push(await store.txn(request));
  assert.equal(
    results.map((result) =>
      result.committed ? result : { ...result, current: result.current.map((entry) => entry && describe(entry)) },
    ),
    expected,
  );
}

function askedRevision(model: Model, key: string, ask: string): number {
  if (ask === 'absent') return 0;
  const states = ask === 'now' ? model.states : model.states.slice(0, -3);
  return states.at(-1)?.entries.get(key)?.modRevision ?? 0;
}

/** Page by page, to the end, with a write between pages that must not show. */
async function pagesAgree(
  store: Store,
  model: Model,
  { prefix, limit }: { prefix: string; limit: number },
  revision: number,
): Promise<void> {
  const expected = model.list(revision, prefix);
  const told: string[] = [];
  let after: string | undefined;
  for (let more = true; more; ) {
    const page = await store.list({ prefix, limit, revision, after });
    told.push(...page.entries.map(describe));
    assert.is(page.remaining, expected.length - told.length);
    assert.is(page.more, page.remaining > 0);
    assert.is(page.revision, revision);
    if (limit > 0) assert.ok(page.entries.length <= limit);
    after = page.entries.at(-1)?.key;
    more = page.more;
    if (!more) break;
    const between: TxnRequest = { compares: [], writes: [write(`a/1=${told.length}`), write('b')] };
    model.txn(between);
    await store.txn(between);
  }
  assert.equal(told, expected);
}

async function watchFails(store: Store, prefix: string, after: number): Promise<void> {
  const watching = new Watching(store, { prefix, after });
  await watching.until(({ failure }) => failure !== undefined);
  assert.instance(watching.failure, CompactedError);
}

/** Compaction may overtake a watch that has only just begun; what it has told by then must be right all the same. */
async function eventsAgree(
  watching: Watching,
  model: Model,
  prefix: string,
  after: number,
  compacted: number,
): Promise<void> {
  const all = model.eventsAfter(after, prefix);
  await watching.until(({ calls, failure }) => calls.length >= all.length || failure !== undefined);
  if (watching.failure !== undefined) assert.instance(watching.failure, CompactedError);
  const expected = watching.failure === undefined ? all : all.slice(0, watching.calls.length);
  assert.equal(
    watching.calls.map(({ revision, events }) => {
      // etcd looks for what was there before when it sends an event, and may find it compacted.
      const forgotten = revision <= compacted && events.some(({ previous }) => previous === undefined);
      const known = forgotten ? expected.find((one) => one.revision === revision)?.text : undefined;
      return { revision, text: known ?? events.map(textOfEvent).join(', ') };
    }),
    expected,
  );
}

function textOfEvent({ type, key, entry, previous }: StoreEvent): string {
  const before = previous === undefined ? 'nothing' : describe(previous);
  return `${type} ${key}: ${before}${entry === undefined ? '' : ` → ${describe(entry)}`}`;
}
