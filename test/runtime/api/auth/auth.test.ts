import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openAuth } from '../../../../runtime/api/auth/auth.ts';
import { REVIEWS } from '../../../../runtime/api/auth/reviews/reviews.ts';
import { FakeView } from './fake-view.ts';

const test = suite<{ directory: string }>('auth');
test.before.each(async (context) => {
  context.directory = await mkdtemp(join(tmpdir(), 'keelson-auth-'));
});
test.after.each(({ directory }) => rm(directory, { recursive: true, force: true }));

test('opens from an empty folder, and opens the same again', async ({ directory }) => {
  const options = { directory: join(directory, 'pki'), view: new FakeView(), now: Date.now };
  const first = await openAuth(options);
  assert.equal((await readdir(options.directory)).sort(), ['admin.token', 'ca.crt', 'ca.key', 'sa.key']);
  const admin = await first.authenticator.authenticate({ headers: { authorization: `Bearer ${first.adminToken}` } });
  assert.equal(admin, { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] });
  const second = await openAuth(options);
  assert.is(second.adminToken, first.adminToken);
  assert.equal(second.authority.pair, first.authority.pair);
});

test('takes the tokens of a file; a file that is not there is an error', async ({ directory }) => {
  const tokenFile = join(directory, 'tokens.csv');
  await writeFile(tokenFile, 't1,jane,,dev\n');
  const options = { directory, view: new FakeView(), now: Date.now, tokenFile };
  const { authenticator } = await openAuth(options);
  const jane = await authenticator.authenticate({ headers: { authorization: 'Bearer t1' } });
  assert.equal(jane, { name: 'jane', groups: ['dev', 'system:authenticated'] });
  const missing = await openAuth({ ...options, tokenFile: join(directory, 'gone.csv') }).catch((error: Error) => error);
  assert.match(String(missing), /gone\.csv/);
});

test('every review kind is answered', async ({ directory }) => {
  const auth = await openAuth({ directory, view: new FakeView(), now: Date.now });
  const spec = {
    token: 'x',
    user: 'x',
    namespace: 'a',
    resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'a' },
  };
  for (const [key, answer] of REVIEWS) {
    const review = { apiVersion: `${key.slice(0, key.indexOf('/'))}/v1`, kind: 'Review', metadata: { name: '' }, spec };
    const answered = await answer({ review, user: { name: 'x', groups: [] }, namespace: 'a', auth });
    assert.ok('status' in answered, key);
  }
});

test.run();
