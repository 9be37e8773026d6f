/** Public manifests apply to the API server; what cannot is known, with its reason. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startApi } from '../support/api-server.ts';
import { sharedPath } from '../support/shared.ts';
import { applyAll } from './apply.ts';
import { CANNOT, reasonOf } from './cannot.ts';
import { readManifests } from './read.ts';

const folder = sharedPath('data/manifests');
if (folder) {
  test('every object of the public manifests applies, or is known not to', async () => {
    const api = await startApi();
    try {
      const outcomes = await applyAll(api, readManifests(folder));
      const failed = outcomes.filter(({ problem }) => problem !== undefined);
      const strange = failed.filter((outcome) => !reasonOf(outcome));
      assert.equal(
        strange.map(({ file, problem }) => `${file}: ${problem}`),
        [],
      );
      assert.is(new Set(failed.map(reasonOf)).size, CANNOT.length, 'every reason is needed');
      assert.ok(outcomes.length - failed.length > 650, `${outcomes.length - failed.length} are applied`);
      assert.equal(api.problems, []);
    } finally {
      await api.close();
    }
  });
}

test.run();
