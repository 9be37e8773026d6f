import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DECIDER_KINDS } from '../../core/index.ts';
import { caseFiles, runSuite } from './suites.ts';

for (const decider of DECIDER_KINDS) {
  for (const file of caseFiles(join(import.meta.dirname, 'cases'))) {
    test(`vectors: ${decider} decides as kube-scheduler did in ${file}`, async () => {
      const { passed, failed } = await runSuite(file, decider);
      assert.ok(passed + failed.length > 0, 'the file holds cases');
      assert.equal(failed.slice(0, 3), []);
    });
  }
}

test.run();
