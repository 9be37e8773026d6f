/** A clock that jumps by a year, forwards and back: tokens follow it, and nothing else breaks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAuth } from '../../../../runtime/api/auth/auth.ts';
import { leadByLease } from '../../../../runtime/leader/lease-elector.ts';
import { configMap, plainPod, startApi, type TestServer } from '../../../support/api-server.ts';

const DAY = 86_400_000;
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';

interface Context {
  api: TestServer;
  directory: string;
  clock: { now: number };
}

const test = suite<Context>('a clock that jumps');
test.before.each(async (context) => {
  const clock = { now: Date.UTC(2026, 5, 1) };
  const directory = mkdtempSync(join(tmpdir(), 'keelson-clock-'));
  const now = (): number => clock.now;
  const api = await startApi({ now, secure: true, openAuth: (view) => openAuth({ directory, view, now }) });
  Object.assign(context, { api, directory, clock });
});
test.after.each(async ({ api, directory }) => {
  assert.equal(
    api.problems.map(({ message }) => message),
    [],
  );
  await api.close();
  rmSync(directory, { recursive: true });
});

test('a service account’s token is refused when its time is over, and taken again when the clock goes back', async ({
  api,
  clock,
}) => {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const made = await api.post(`${ACCOUNTS}/default/token`, request);
  const { token } = made.body.status;
  const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const code = async (): Promise<number> => (await api.ask('POST', review, { token, body })).code;
  assert.is(await code(), 201);
  clock.now += 365 * DAY;
  assert.is(await code(), 401);
  assert.is((await api.get(MAPS)).code, 200, 'the administrator’s token has no end');
  clock.now -= 365 * DAY;
  assert.is(await code(), 201);
});

test('versions rise, whatever the clock says; ages are never negative, and updates keep the time of creation', async ({
  api,
  clock,
}) => {
  const versions: number[] = [];
  for (const [i, jump] of [0, 365 * DAY, -700 * DAY, 40 * DAY].entries()) {
    clock.now += jump;
    const made = await api.post(MAPS, configMap(`m${i}`));
    assert.is(made.code, 201, made.text);
    assert.is(made.body.metadata.creationTimestamp, `${new Date(clock.now).toISOString().slice(0, 19)}Z`);
    versions.push(Number(made.body.metadata.resourceVersion));
    const updated = await api.patch(`${MAPS}/m0`, 'merge', { data: { at: `${i}` } });
    assert.is(updated.body.metadata.creationTimestamp, '2026-06-01T00:00:00Z');
    versions.push(Number(updated.body.metadata.resourceVersion));
  }
  assert.equal(
    versions,
    versions.toSorted((a, b) => a - b),
  );
  const table = await api.get(MAPS, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  assert.is(table.code, 200);
  for (const { cells } of table.body.rows) assert.match(cells.at(-1), /^(\d+[smhdy]+)+$|^<invalid>$/);
});

test('a pod deleted with grace ends when its agent says so, even if the clock went back meanwhile', async ({
  api,
  clock,
}) => {
  await api.post(PODS, plainPod('p', { nodeName: 'n' }));
  await api.patch(`${PODS}/p/status`, 'merge', { status: { phase: 'Running' } });
  const marked = await api.delete(`${PODS}/p`);
  assert.ok(marked.body.metadata.deletionTimestamp, marked.text);
  clock.now -= 30 * DAY;
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 };
  assert.is((await api.delete(`${PODS}/p`, options)).code, 200);
  assert.is((await api.get(`${PODS}/p`)).code, 404);
});

test('a watch goes on over jumps', async ({ api, clock }) => {
  const watch = api.watch(`${MAPS}?watch=1&resourceVersion=0`);
  for (const jump of [400 * DAY, -800 * DAY]) {
    clock.now += jump;
    await api.post(MAPS, configMap(`after-${jump}`));
  }
  await watch.until((events) => events.some(({ object }) => object.metadata.name === `after-${-800 * DAY}`));
  watch.stop();
});

test('leadership counts from what it has seen: a jump of the wall clock neither ends nor gives it', async ({
  api,
  clock,
}) => {
  const { client } = api.server;
  let now = 0;
  const ran: string[] = [];
  const run = (identity: string) => {
    const work = { start: async () => void ran.push(identity), stop: () => void ran.push(`${identity} stopped`) };
    const times = { leaseMs: 10_000, renewDeadlineMs: 8_000, retryMs: 20 };
    return leadByLease({ client, identity, times, now: () => now, wallClock: () => clock.now, problem: () => {} })(
      'w',
      work,
    );
  };
  const first = await run('a');
  const second = await run('b');
  for (const jump of [365 * DAY, -730 * DAY]) {
    clock.now += jump;
    now += 20;
    await new Promise((next) => setTimeout(next, 100));
    assert.equal(ran, ['a']);
  }
  await second.stop();
  await first.stop();
});

test.run();
