/**
 * What the stores do in a second: txns that make one key, durable where the store is, with 1, 128 and 1,000 under way;
 * a list of 10,000; opening an LMDB store that holds 50,000.
 *
 *   npx node bench/store.bench.ts [--ms 800] [--runs 5] [--only memory|lmdb|etcd] [--bytes 1000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEtcdStore } from '../runtime/store/etcd/etcd-store.ts';
import { openLmdbStore } from '../runtime/store/lmdb/lmdb-store.ts';
import { openMemoryStore } from '../runtime/store/memory/memory-store.ts';
import type { Store } from '../runtime/store/store.ts';
import { Etcd, whyNoEtcd } from '../test/runtime/store/etcd.ts';
import { spreadOf } from './balancer/spread.ts';

const { values } = parseArgs({
  options: {
    ms: { type: 'string', default: '800' },
    runs: { type: 'string', default: '5' },
    bytes: { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});
const smoke = process.env.BENCH === 'smoke';
const runs = smoke ? 1 : Number(values.runs);
const ms = smoke ? 20 : Number(values.ms);
const LISTED = smoke ? 100 : 10_000;
const HELD = smoke ? 500 : 50_000;
const value = Buffer.alloc(Number(values.bytes), 'keelson ');

const machine = `${availableParallelism()} cores of ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}`;
console.log(`Node ${process.version}, ${machine}; values of ${value.length} bytes; median of ${runs} (least to most)`);
const folder = mkdtempSync(join(tmpdir(), 'keelson-bench-'));
try {
  if (asked('memory')) await measure('memory', openMemoryStore());
  if (asked('lmdb')) {
    await measure('lmdb', await openLmdbStore({ folder: join(folder, 'rates') }));
    await measureOpening(join(folder, 'held'));
  }
  if (asked('etcd')) await measureEtcd();
} finally {
  rmSync(folder, { recursive: true });
}

function asked(name: string): boolean {
  return values.only === undefined || values.only === name;
}

async function measureEtcd(): Promise<void> {
  const reason = whyNoEtcd();
  if (reason !== undefined) {
    console.log(`skipped: etcd, as ${reason}`);
    return;
  }
  const etcd = await Etcd.start();
  try {
    await measure('etcd', await openEtcdStore({ url: etcd.url, timeoutMs: 20_000 }));
  } finally {
    await etcd.kill();
  }
}

async function measure(name: string, store: Store): Promise<void> {
  await makeFor(store, 'warm', 64, ms / 2);
  for (const underWay of [1, 128, 1_000]) {
    const rates: number[] = [];
    for (let run = 0; run < runs; run++) rates.push(await makeFor(store, `${underWay}-${run}`, underWay, ms));
    report(`${name}: txns/s, ${underWay} under way`, rates);
  }
  await fill(store, LISTED);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    const { entries } = await store.list({ prefix: 'held/' });
    times.push(performance.now() - began);
    if (entries.length !== LISTED) throw new Error(`${entries.length} entries`);
  }
  report(`${name}: ms for a list of ${LISTED}`, times);
  await store.close();
}

async function measureOpening(path: string): Promise<void> {
  const store = await openLmdbStore({ folder: path });
  await fill(store, HELD);
  await store.close();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    const opened = await openLmdbStore({ folder: path });
    times.push(performance.now() - began);
    await opened.close();
  }
  report(`lmdb: ms to open a store of ${HELD}`, times);
}

/** Txns a second. */
async function makeFor(store: Store, name: string, underWay: number, forMs: number): Promise<number> {
  const began = performance.now();
  let made = 0;
  const makes = async (): Promise<void> => {
    while (performance.now() - began < forMs) {
      const key = `made/${name}/${made++}`;
      const { committed } = await store.txn({ compares: [{ key, modRevision: 0 }], writes: [{ key, value }] });
      if (!committed) throw new Error(`${key} is there already`);
    }
  };
  await Promise.all(Array.from({ length: underWay }, makes));
  return made / ((performance.now() - began) / 1_000);
}

async function fill(store: Store, count: number): Promise<void> {
  for (let from = 0; from < count; from += 1_000) {
    const keys = Array.from({ length: Math.min(1_000, count - from) }, (_, i) => `held/${from + i}`);
    await Promise.all(keys.map((key) => store.txn({ compares: [], writes: [{ key, value }] })));
  }
}

function report(what: string, numbers: readonly number[]): void {
  const { median, least, most } = spreadOf(numbers);
  const text = (number: number): string => number.toLocaleString('en', { maximumFractionDigits: number < 100 ? 1 : 0 });
  console.log(`${what}: ${text(median)} (${text(least)} to ${text(most)})`);
}
