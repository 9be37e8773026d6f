/** Real threads that pick while tables change: nothing is picked after its removal was acknowledged, no memory is used too early. */

import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BackendEndpoint } from '../../../../core/balancer/endpoint.ts';
import { checkTables } from '../../../../core/balancer/tables/check.ts';
import { BalancerTables } from '../../../../core/balancer/tables/tables.ts';
import { Random } from '../../../../core/random.ts';
import { endpoint, SMALL_LIMITS } from '../../../support/balancer.ts';
import type { PickWorkerData } from '../../../support/pick-worker.ts';

const POLICIES = ['random', 'least-request', 'maglev', 'edf', 'ring-hash', 'smooth'];
const LIMITS = { ...SMALL_LIMITS, arenaBytes: 1 << 24 };
const pause = new Int32Array(new SharedArrayBuffer(4));

class Storm {
  readonly tables: BalancerTables;
  readonly stalled: number[] = [];
  readonly gone = new SharedArrayBuffer(4 * LIMITS.endpoints);
  readonly board = new SharedArrayBuffer(64);
  readonly random = new Random(42);
  readonly threads = new Map<number, Worker>();
  readonly removed: Int32Array;
  readonly words: Int32Array;

  constructor() {
    this.tables = new BalancerTables({
      limits: LIMITS,
      graceUs: 1e5,
      onStalled: (worker) => this.stalled.push(worker),
    });
    this.removed = new Int32Array(this.gone);
    this.words = new Int32Array(this.board);
    for (const name of POLICIES) this.tables.apply(name, { policy: name, endpoints: this.someEndpoints() }, 0);
  }

  /** Some of forty, of weights 1 to 3. */
  someEndpoints(): BackendEndpoint[] {
    return Array.from({ length: 40 }, (_, n) => endpoint(n, { weight: 1 + this.random.below(3) })).filter(
      () => this.random.below(3) > 0,
    );
  }

  async start(stalls = false): Promise<number> {
    const worker = this.tables.join();
    const services = POLICIES.map((name) => this.tables.serviceId(name) as number);
    const workerData: PickWorkerData = {
      shared: this.tables.shared,
      worker,
      services,
      gone: this.gone,
      board: this.board,
      stalls,
    };
    const thread = new Worker(new URL('../../../support/pick-worker.ts', import.meta.url), { workerData });
    this.threads.set(worker, thread);
    await new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
    return worker;
  }

  /** A new set of endpoints for one service; returns when all have seen it, and forbids those that left. */
  change(nowUs: number): void {
    const name = POLICIES[this.random.below(POLICIES.length)];
    const record = this.tables.records[this.tables.serviceId(name) as number];
    const known = [...(record?.slots.values() ?? [])];
    // An endpoint that comes back, or a number that another one gets, may be picked from now on.
    this.removed.fill(0);
    const list = this.someEndpoints();
    const epoch = this.tables.apply(name, { policy: name, endpoints: list }, nowUs);
    while (this.tables.passed() < epoch) Atomics.wait(pause, 0, 0, 0.05);
    const there = new Set(list.map((each) => this.tables.endpointId(name, each)));
    for (const id of known) if (!there.has(id)) Atomics.store(this.removed, id, 1);
  }

  picks(): number {
    let sum = 0;
    for (let worker = 0; worker < LIMITS.workers; worker++) sum += this.words[1 + 2 * worker];
    return sum;
  }

  wrong(): number {
    let sum = 0;
    for (let worker = 0; worker < LIMITS.workers; worker++) sum += this.words[2 + 2 * worker];
    return sum;
  }

  async stop(): Promise<void> {
    Atomics.store(this.words, 0, 1);
    await Promise.all([...this.threads.values()].map((thread) => thread.terminate()));
  }
}

test('threads: no pick of an endpoint after its acknowledged removal, in 600 changes', async () => {
  const storm = new Storm();
  await storm.start();
  await storm.start();
  for (let i = 0; i < 600; i++) {
    storm.change(i);
    storm.tables.collect(i);
  }
  await storm.stop();
  assert.ok(storm.picks() > 10_000, `${storm.picks()} picks`);
  assert.is(storm.wrong(), 0);
  assert.equal(checkTables(storm.tables), []);
  assert.equal(storm.stalled, []);
});

test('threads: one that is killed under load is left out, its load is gone, and another takes its place', async () => {
  const storm = new Storm();
  const [killed] = [await storm.start(), await storm.start()];
  for (let i = 0; i < 100; i++) storm.change(i);
  await storm.threads.get(killed)?.terminate();
  storm.tables.leave(killed);
  for (let i = 100; i < 200; i++) {
    storm.change(i);
    storm.tables.collect(i);
  }
  assert.is(await storm.start(), killed);
  for (let i = 200; i < 300; i++) storm.change(i);
  await storm.stop();
  assert.is(storm.wrong(), 0);
  assert.equal(checkTables(storm.tables), []);
});

test('threads: one that never passes is reported while the writer goes on, and its memory is free once it is ended', async () => {
  const storm = new Storm();
  const hung = await storm.start(true);
  for (let i = 0; i <= 300; i++) {
    const name = POLICIES[i % POLICIES.length];
    storm.tables.apply(name, { policy: name, endpoints: storm.someEndpoints() }, i * 1000);
    storm.tables.collect(i * 1000);
  }
  assert.equal(storm.stalled, [hung]);
  const kept = storm.tables.arena.used;
  await storm.threads.get(hung)?.terminate();
  storm.tables.leave(hung);
  storm.tables.collect(301_000);
  assert.ok(storm.tables.arena.used < kept / 10);
  await storm.stop();
  assert.equal(checkTables(storm.tables), []);
});

test.run();
