/** Public manifests apply to the API server; what cannot is known, with its reason. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { newFolder } from '../runtime/store/folder.ts';
import { startApi } from '../support/api-server.ts';
import { sharedPath } from '../support/shared.ts';
import { applyAll } from './apply.ts';
import { CANNOT, reasonOf } from './cannot.ts';
import { readManifests } from './read.ts';

const OWN = `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: made}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, namespace: made}, daat: {}}
---
{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization}
---
{replicas: 3}
`;

test('of manifests of our own each is applied, or told with its file and why not', async () => {
  const own = newFolder();
  mkdirSync(join(own, 'app'));
  writeFileSync(join(own, 'app', 'all.yaml.gz'), gzipSync(OWN));
  const api = await startApi();
  try {
    const outcomes = await applyAll(api, readManifests(own));
    assert.equal(
      outcomes.map(({ file, document }) => `${file} ${document}`),
      ['app/all.yaml.gz 1', 'app/all.yaml.gz 1', 'app/all.yaml.gz 2', 'app/all.yaml.gz 3'],
    );
    const [applied, misspelt, unserved, none] = outcomes.map(({ problem }) => problem);
    assert.is(applied, undefined);
    assert.match(misspelt ?? '', /unknown field "daat"/);
    assert.match(unserved ?? '', /^no matches for kind "Kustomization"/);
    assert.match(none ?? '', /^no object: /);
    assert.ok(reasonOf(outcomes[2]), 'a reason that is known');
    assert.is(reasonOf(outcomes[1]), undefined);
  } finally {
    await api.close();
  }
});

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
