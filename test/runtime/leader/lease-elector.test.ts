/** Who leads by a Lease: one at a time, the next one when it is over, released or lost. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../core/index.ts';
import { type Candidacy, leadAlone } from '../../../runtime/leader/lead.ts';
import { leadByLease } from '../../../runtime/leader/lease-elector.ts';
import { startApi, type TestServer } from '../../support/api-server.ts';

/** Whole seconds, as a Lease has them. */
const TIMES = { leaseMs: 1_000, renewDeadlineMs: 600, retryMs: 100 };
const LEASES = { group: 'coordination.k8s.io', resource: 'leases' };

class Work {
  readonly log: string[] = [];
  readonly name: string;
  running = false;
  /** Why it cannot begin. */
  refuses: Error | undefined;

  constructor(name: string) {
    this.name = name;
  }

  start = async (): Promise<void> => {
    if (this.refuses) throw this.refuses;
    this.running = true;
    this.log.push('start');
  };

  stop = async (): Promise<void> => {
    await undefined;
    this.running = false;
    this.log.push('stop');
  };
}

interface Context {
  api: TestServer;
  problems: string[];
  candidacies: Candidacy[];
}

const test = suite<Context>('lease elector');
test.before.each(async (context) => {
  context.api = await startApi();
  context.problems = [];
  context.candidacies = [];
});
test.after.each(async ({ api, candidacies }) => {
  for (const candidacy of candidacies) await candidacy.stop();
  await api.close();
});

async function run({ api, problems, candidacies }: Context, work: Work, now?: () => number): Promise<Candidacy> {
  const { client } = api.server;
  const problem = (error: Error): void => void problems.push(error.message);
  const lead = leadByLease({ client, identity: work.name, times: TIMES, now, problem });
  const candidacy = await lead('work', work);
  candidacies.push(candidacy);
  return candidacy;
}

const leaseOf = ({ api }: Context) =>
  api.server.client.view.get('coordination.k8s.io', 'leases', 'kube-system', 'work') as
    | (KubeObject & { spec: Record<string, unknown> })
    | undefined;

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2_000 && !holds(); i++) await new Promise((next) => setTimeout(next, 5));
  assert.ok(holds(), what);
}

test('the first one leads at once and writes its Lease; the second waits', async (context) => {
  const [a, b] = [new Work('a'), new Work('b')];
  const first = await run(context, a);
  const second = await run(context, b);
  assert.equal([first.leads, second.leads, a.running, b.running], [true, false, true, false]);
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = leaseOf(context)!.spec;
  assert.equal([holderIdentity, leaseDurationSeconds, leaseTransitions], ['a', 1, 0]);
});

test('a leader renews its Lease for as long as it leads', async (context) => {
  await run(context, new Work('a'));
  const { renewTime, acquireTime } = leaseOf(context)!.spec;
  await until('the Lease is renewed', () => leaseOf(context)!.spec.renewTime !== renewTime);
  assert.is(leaseOf(context)!.spec.acquireTime, acquireTime);
});

test('who leaves lets the next one begin, after its own work has stopped', async (context) => {
  const [a, b] = [new Work('a'), new Work('b')];
  const first = await run(context, a);
  await run(context, b);
  b.start = async () => {
    assert.is(a.running, false, 'both at once');
    b.running = true;
  };
  await first.stop();
  await until('the second leads', () => b.running);
  assert.equal(a.log, ['start', 'stop']);
  assert.is(leaseOf(context)!.spec.leaseTransitions, 1);
});

test('a Lease that nobody renews is taken when its time is over, counted from when it was seen', async (context) => {
  let now = 5_000;
  const spec = { holderIdentity: 'dead', leaseDurationSeconds: 20, renewTime: '2020-01-01T00:00:00.000000Z' };
  const metadata = { name: 'work', namespace: 'kube-system' };
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec } as KubeObject;
  await context.api.server.client.create(LEASES, lease);
  const work = new Work('b');
  await run(context, work, () => now);
  now += 19_999;
  await new Promise((next) => setTimeout(next, 3 * TIMES.retryMs));
  assert.is(work.running, false, 'a millisecond is left');
  now += 1;
  await until('it leads', () => work.running);
});

test('who finds its Lease taken stops, and waits for its turn', async (context) => {
  const work = new Work('a');
  await run(context, work);
  const lease = leaseOf(context)!;
  const spec = { ...lease.spec, holderIdentity: 'thief', leaseDurationSeconds: 3600 };
  const { resourceVersion: _, ...metadata } = lease.metadata;
  await context.api.server.client.update(LEASES, { ...lease, metadata, spec } as KubeObject);
  await until('it has stopped', () => !work.running);
  assert.is(leaseOf(context)!.spec.holderIdentity, 'thief');
});

test('who cannot renew stops before the Lease is over, and leads again when it can', async (context) => {
  const work = new Work('a');
  await run(context, work);
  const { store } = context.api;
  const { txn } = store;
  const hanging: (() => void)[] = [];
  store.txn = (request) =>
    new Promise((resolve, reject) => hanging.push(() => txn.call(store, request).then(resolve, reject)));
  await until('it has stopped', () => !work.running);
  assert.match(context.problems.join(), /kube-system\/work could not be renewed/);
  store.txn = txn;
  for (const goOn of hanging) goOn();
  await until('it leads again', () => work.running);
  assert.equal(work.log, ['start', 'stop', 'start']);
});

test('work that cannot begin gives the Lease back, and says so', async (context) => {
  const work = new Work('a');
  work.refuses = new Error('no');
  const lead = run(context, work);
  assert.is(
    await lead.then(
      () => '',
      ({ message }: Error) => message,
    ),
    'no',
  );
  assert.is(leaseOf(context)!.spec.holderIdentity, '');
});

test('ten that begin at the same time: one leads', async (context) => {
  const works = Array.from({ length: 10 }, (_, i) => new Work(`w${i}`));
  await Promise.all(works.map((work) => run(context, work)));
  assert.is(works.filter(({ running }) => running).length, 1);
});

test('alone, work begins at once, and nothing is written', async (context) => {
  const work = new Work('a');
  const candidacy = await leadAlone('work', work);
  assert.is(candidacy.leads && work.running, true);
  assert.is(leaseOf(context), undefined);
  await candidacy.stop();
  assert.is(work.running, false);
});

test.run();
