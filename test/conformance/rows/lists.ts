/** Paging and field validation. Source: Kubernetes v1.36, test/e2e/apimachinery/{chunking,field_validation}.go. */
import * as assert from 'uvu/assert';
import { type Body, eventually, held, names, refused } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

const TEMPLATES = 120;

export const LISTS: readonly Row[] = [
  {
    id: 'C007',
    async run(check) {
      const templates = await manyTemplates(check);
      for (const limits of [[1, 40, 7], [12], [119, 1], [TEMPLATES], [TEMPLATES + 1]]) {
        const found: string[] = [];
        let version: string | undefined;
        let token = '';
        for (let page = 0; page === 0 || token !== ''; page++) {
          const limit = limits[page % limits.length];
          const list = await templates.list(`limit=${limit}&continue=${encodeURIComponent(token)}`);
          assert.ok(list.items.length <= limit, `at most ${limit}`);
          version ??= list.metadata.resourceVersion;
          assert.is(list.metadata.resourceVersion, version, 'every page is of the same version');
          found.push(...names(list));
          token = list.metadata.continue ?? '';
          const remaining = token === '' ? undefined : TEMPLATES - found.length;
          assert.is(list.metadata.remainingItemCount, remaining);
        }
        assert.equal(found, allNames());
      }
      assert.equal(names(await templates.list()), allNames());
    },
  },
  {
    id: 'C008',
    async run(check) {
      const templates = await manyTemplates(check);
      const first = await templates.list('limit=12');
      const path = `${templates.path}?limit=12&continue=${encodeURIComponent(first.metadata.continue)}`;
      const { store, cache } = check.cluster.server.parts;
      // As the server does every five minutes.
      let expired: Body;
      await eventually('the token has expired', async () => {
        await check.namespaced('v1', 'configmaps').create({ metadata: { generateName: 'later-' } });
        const { revision } = cache;
        cache.forget(revision);
        await store.compact(revision);
        const answer = await check.api.get(path);
        if (answer.code === 410) expired = refused(answer, 410, 'Expired');
        return answer.code === 410;
      });
      const token = expired.metadata.continue;
      assert.ok(token, 'a token for an inconsistent continuation comes along');
      let page = await templates.list(`limit=12&continue=${encodeURIComponent(token)}`);
      assert.is.not(page.metadata.resourceVersion, first.metadata.resourceVersion);
      assert.is(page.items.length, 12);
      const version = page.metadata.resourceVersion;
      const found = [...names(first), ...names(page)];
      while (page.metadata.continue) {
        assert.is(page.metadata.remainingItemCount, TEMPLATES - found.length);
        page = await templates.list(`limit=12&continue=${encodeURIComponent(page.metadata.continue)}`);
        assert.is(page.metadata.resourceVersion, version);
        found.push(...names(page));
      }
      assert.equal(found, allNames());
    },
  },
  {
    id: 'C014',
    async run(check) {
      const path = check.namespaced('apps/v1', 'deployments').path;
      const strict = '?fieldManager=conformance&fieldValidation=Strict';
      const json = { 'content-type': 'application/json' };
      const bytes = deploymentText('"unknownField": "foo", "replicas": 2, "replicas": 3,');
      const created = await check.api.ask('POST', path + strict, { bytes, headers: json });
      const problem = 'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"';
      contains(refused(created, 400, 'BadRequest').message, problem);

      held(await check.api.ask('POST', path + strict, { bytes: deploymentText('"replicas": 2,'), headers: json }), 201);
      const one = `${path}/my-dep${strict}`;
      contains(held(await check.api.ask('PUT', one, { bytes, headers: json }), 400).message, problem);
      const patch = '{"spec": {"unknownField": "foo", "replicas": 2, "replicas": 3}}';
      for (const type of ['application/merge-patch+json', 'application/strategic-merge-patch+json']) {
        const answer = await check.api.ask('PATCH', one, { bytes: patch, headers: { 'content-type': type } });
        const { message } = refused(answer, 422, 'Invalid');
        contains(message, 'unknown field "spec.unknownField"');
        contains(message, 'duplicate field "spec.replicas"');
      }
      const headers = { 'content-type': 'application/apply-patch+yaml' };
      const twice = await check.api.ask('PATCH', one, {
        bytes: deploymentText('"replicas": 2,\n"replicas": 3,'),
        headers,
      });
      contains(held(twice, 400).message, 'key "replicas" already set in map');
      const unknown = await check.api.ask('PATCH', one, { bytes: deploymentText('"unknownField": "foo",'), headers });
      assert.ok(unknown.code >= 400, 'apply refuses what the type does not have');
      contains(unknown.body.message, '.spec.unknownField: field not declared in schema');
      assert.is((await check.namespaced('apps/v1', 'deployments').get('my-dep')).spec.replicas, 2);
    },
  },
  {
    id: 'C015',
    async run(check) {
      const path = check.namespaced('apps/v1', 'deployments').path;
      const body = JSON.parse(deploymentText(''));
      body.metadata.unknownMeta = 'foo';
      const answer = await check.api.post(`${path}?fieldManager=conformance&fieldValidation=Strict`, body);
      contains(
        refused(answer, 400, 'BadRequest').message,
        'strict decoding error: unknown field "metadata.unknownMeta"',
      );
      const warned = await check.api.post(`${path}?fieldValidation=Warn`, body);
      held(warned, 201);
      contains(String(warned.headers.warning), 'unknown field \\"metadata.unknownMeta\\"');
      assert.is(warned.body.metadata.unknownMeta, undefined);
    },
  },
];

function contains(text: string, part: string): void {
  assert.ok(text.includes(part), `${JSON.stringify(text)} lacks ${part}`);
}

function allNames(): string[] {
  return Array.from({ length: TEMPLATES }, (_, i) => `template-${String(i).padStart(4, '0')}`);
}

async function manyTemplates(check: Check): Promise<ReturnType<Check['namespaced']>> {
  const templates = check.namespaced('v1', 'podtemplates');
  const spec = { containers: [{ name: 'test', image: 'test2' }] };
  await Promise.all(allNames().map((name) => templates.create({ metadata: { name }, template: { spec } })));
  return templates;
}

/** @param more members of the spec, as text: an object could not hold a key twice. */
function deploymentText(more: string): string {
  return `{
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": { "name": "my-dep", "labels": { "app": "nginx" } },
    "spec": { ${more}
      "selector": { "matchLabels": { "app": "nginx" } },
      "template": {
        "metadata": { "labels": { "app": "nginx" } },
        "spec": { "containers": [{ "name": "nginx", "image": "nginx:latest" }] }
      }
    }
  }`;
}
