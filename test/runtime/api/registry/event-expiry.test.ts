/** Events go an hour after they were last written, whatever the clock on the wall says. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_TTL_MS, EventExpiry } from '../../../../runtime/api/registry/event-expiry.ts';
import { startApi, type TestServer } from '../../../support/api-server.ts';

const EVENTS = '/api/v1/namespaces/default/events';

interface Context {
  api: TestServer;
  expiry: EventExpiry;
  /** Of the clock that never jumps, and of the one on the wall. */
  clock: { elapsed: number; wall: number };
}

const test = suite<Context>('event expiry');
test.before.each(async (context) => {
  const clock = { elapsed: 0, wall: Date.UTC(2026, 5, 1) };
  const api = await startApi({ now: () => clock.wall });
  const { client, parts } = api.server;
  const problem = (error: Error): void => void api.problems.push(error);
  const expiry = new EventExpiry({ cache: parts.cache, client, elapsed: () => clock.elapsed, problem });
  Object.assign(context, { api, expiry, clock });
});
test.after.each(async ({ api, expiry }) => {
  expiry.stop();
  assert.equal(api.problems, []);
  await api.close();
});

async function note(api: TestServer, name: string): Promise<void> {
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
  const made = await api.post(EVENTS, { metadata: { name }, involvedObject, type: 'Normal', reason: 'Seen' });
  assert.is(made.code, 201, made.text);
}

async function names(api: TestServer): Promise<string[]> {
  return (await api.get(EVENTS)).body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
}

test('an event is there until its hour is over, and then it goes', async ({ api, expiry, clock }) => {
  await note(api, 'a');
  await expiry.look();
  clock.elapsed = EVENT_TTL_MS - 1;
  await note(api, 'b');
  await expiry.look();
  assert.equal(await names(api), ['a', 'b']);
  clock.elapsed = EVENT_TTL_MS;
  await expiry.look();
  assert.equal(await names(api), ['b']);
});

test('an event that is written again has its hour anew', async ({ api, expiry, clock }) => {
  await note(api, 'a');
  await expiry.look();
  clock.elapsed = EVENT_TTL_MS - 1;
  await api.patch(`${EVENTS}/a`, 'merge', { count: 2 });
  await expiry.look();
  clock.elapsed = EVENT_TTL_MS + 1;
  await expiry.look();
  assert.equal(await names(api), ['a']);
  clock.elapsed = 2 * EVENT_TTL_MS;
  await expiry.look();
  assert.equal(await names(api), []);
});

test('a wall clock that jumps by years takes no event, and keeps none', async ({ api, expiry, clock }) => {
  await note(api, 'a');
  await expiry.look();
  for (const wall of [Date.UTC(2036, 1, 1), Date.UTC(2016, 1, 1)]) {
    clock.wall = wall;
    await expiry.look();
    assert.equal(await names(api), ['a']);
  }
  clock.elapsed = EVENT_TTL_MS;
  await expiry.look();
  assert.equal(await names(api), []);
});

test('thousands go at once', async ({ api, expiry, clock }) => {
  const { client } = api.server;
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' };
  const make = (i: number) =>
    client.create({ group: '', resource: 'events' }, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `e${i}`, namespace: 'default' },
      involvedObject,
    } as never);
  await Promise.all(Array.from({ length: 2000 }, (_, i) => make(i)));
  await expiry.look();
  clock.elapsed = EVENT_TTL_MS;
  await expiry.look();
  assert.equal(await names(api), []);
});

test.run();
