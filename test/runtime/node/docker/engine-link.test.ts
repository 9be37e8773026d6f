/** An engine that is made up goes away and comes back, on a clock that is set by hand. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Engine, EngineGone } from '../../../../runtime/node/docker/engine/engine.ts';
import { EngineLink, GRACE_MS } from '../../../../runtime/node/docker/engine/engine-link.ts';

function world() {
  const said: string[] = [];
  const state = { down: false, now: 0, asked: 0, lose: (_error: Error): void => undefined };
  const engine = {
    async facts() {
      state.asked++;
      if (state.down) throw new EngineGone('down');
    },
    async follow(_label: string, _changed: (uid: string) => void, lost: (error: Error) => void) {
      state.lose = lost;
      return { stop: () => void said.push('stopped') };
    },
  };
  const link = new EngineLink({
    engine: engine as unknown as Engine,
    label: 'owner=us',
    now: () => state.now,
    changed: () => undefined,
    back: () => void said.push('back'),
    usable: (yes) => void said.push(yes ? 'usable' : 'not usable'),
    problem: ({ message }) => void said.push(message),
  });
  const until = async (holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 1000 && !holds(); i++) await new Promise((next) => setTimeout(next, 10));
    assert.ok(holds(), said.join(', '));
  };
  return { said, state, link, until };
}

test('an engine that restarts within the grace is followed anew, and the node was usable all the time', async () => {
  const { said, state, link, until } = world();
  await link.follow();
  state.down = true;
  state.lose(new EngineGone('closed'));
  state.now = GRACE_MS - 1;
  const { asked } = state;
  await until(() => state.asked > asked);
  assert.ok(link.isDown);
  state.down = false;
  await until(() => said.includes('back'));
  assert.equal(said, ['stopped', 'closed', 'usable', 'back']);
  assert.not.ok(link.isDown);
  link.stop();
});

test('one that is away for the whole grace makes the node unusable until it is back', async () => {
  const { said, state, link, until } = world();
  await link.follow();
  state.down = true;
  state.lose(new EngineGone('closed'));
  link.lost(new EngineGone('found by a second one'));
  state.now = GRACE_MS;
  await until(() => said.includes('not usable'));
  state.down = false;
  await until(() => said.includes('back'));
  assert.equal(
    said.filter((one) => one !== 'not usable'),
    ['stopped', 'closed', 'usable', 'back'],
  );
  link.stop();
});

test.run();
