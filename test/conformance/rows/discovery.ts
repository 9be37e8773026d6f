/** Discovery, versions, Tables. Source: Kubernetes v1.36, test/e2e/apimachinery/{aggregated_discovery,discovery,server_version,table_conversion}.go. */
import * as assert from 'uvu/assert';
import { type Body, held, refused } from '../kit/resource.ts';
import type { Check, Row } from '../row.ts';

/** One resource of each group that every cluster has. */
const BUILT_IN: readonly { groupVersion: string; plural: string }[] = [
  { groupVersion: 'v1', plural: 'namespaces' },
  { groupVersion: 'admissionregistration.k8s.io/v1', plural: 'validatingwebhookconfigurations' },
  { groupVersion: 'apiextensions.k8s.io/v1', plural: 'customresourcedefinitions' },
  { groupVersion: 'apiregistration.k8s.io/v1', plural: 'apiservices' },
  { groupVersion: 'apps/v1', plural: 'deployments' },
  { groupVersion: 'authentication.k8s.io/v1', plural: 'tokenreviews' },
  { groupVersion: 'authorization.k8s.io/v1', plural: 'selfsubjectaccessreviews' },
  { groupVersion: 'autoscaling/v1', plural: 'horizontalpodautoscalers' },
  { groupVersion: 'autoscaling/v2', plural: 'horizontalpodautoscalers' },
  { groupVersion: 'batch/v1', plural: 'jobs' },
  { groupVersion: 'certificates.k8s.io/v1', plural: 'certificatesigningrequests' },
  { groupVersion: 'coordination.k8s.io/v1', plural: 'leases' },
  { groupVersion: 'discovery.k8s.io/v1', plural: 'endpointslices' },
  { groupVersion: 'events.k8s.io/v1', plural: 'events' },
  { groupVersion: 'networking.k8s.io/v1', plural: 'ingresses' },
  { groupVersion: 'node.k8s.io/v1', plural: 'runtimeclasses' },
  { groupVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
  { groupVersion: 'scheduling.k8s.io/v1', plural: 'priorityclasses' },
  { groupVersion: 'storage.k8s.io/v1', plural: 'csinodes' },
];

export const DISCOVERY: readonly Row[] = [
  {
    id: 'C001',
    async run(check) {
      const lines = (await check.kubectl.output(['api-resources', '--no-headers'])).trimEnd().split('\n');
      for (const { groupVersion, plural } of BUILT_IN) {
        const found = lines.some((line) => line.startsWith(`${plural} `) && line.split(/\s+/).includes(groupVersion));
        // kubectl names a resource once: of autoscaling, the preferred version.
        assert.ok(found || groupVersion === 'autoscaling/v1', `${plural} of ${groupVersion}`);
      }
      await aggregated(check, 'v2beta1');
    },
  },
  { id: 'C002', run: (check) => aggregated(check, 'v2') },
  {
    id: 'C003',
    async run({ api }) {
      for (const { groupVersion, plural } of BUILT_IN) {
        const list = held(await api.get(groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`), 200);
        assert.is(list.kind, 'APIResourceList');
        assert.is(list.groupVersion, groupVersion);
        assert.ok(
          list.resources.some(({ name }: Body) => name === plural),
          `${plural} of ${groupVersion}`,
        );
      }
      for (const group of held(await api.get('/apis'), 200).groups) {
        for (const { groupVersion } of group.versions) {
          assert.is(held(await api.get(`/apis/${groupVersion}`), 200).groupVersion, groupVersion);
        }
      }
    },
  },
  {
    id: 'C004',
    async run({ api }) {
      const { groups } = held(await api.get('/apis'), 200);
      assert.ok(groups.length >= 17, 'every built-in group is listed');
      for (const listed of groups) {
        const group = held(await api.get(`/apis/${listed.name}`), 200);
        assert.is(group.kind, 'APIGroup');
        assert.is(group.name, listed.name);
        assert.ok(group.preferredVersion.groupVersion, 'there is a preferred version');
        assert.equal(group.preferredVersion, listed.preferredVersion);
        const versions = group.versions.map(({ groupVersion }: Body) => groupVersion);
        assert.ok(versions.includes(group.preferredVersion.groupVersion), listed.name);
      }
    },
  },
  {
    id: 'C005',
    async run({ api }) {
      const { major, minor, gitVersion } = held(await api.get('/version'), 200);
      assert.match(major, /^[1-9][0-9]*$/);
      assert.match(minor, /^(0|[1-9][0-9]*)$/);
      assert.ok(gitVersion.startsWith(`v${major}.${minor}.`), gitVersion);
    },
  },
  {
    id: 'C006',
    async run({ api, namespace }) {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { nonResourceAttributes: { path: '/', verb: 'get' } },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      for (const version of ['v1', 'v1beta1']) {
        const accept = `application/json;as=Table;v=${version};g=meta.k8s.io`;
        refused(await api.post(path, body, { accept }), 406, 'NotAcceptable');
        const table = held(await api.get(`/api/v1/namespaces/${namespace}/configmaps`, { accept }), 200);
        assert.is(table.kind, 'Table');
        assert.is(table.apiVersion, `meta.k8s.io/${version}`);
      }
    },
  },
];

/** Both documents, asked for in their raw form, hold what is built in. */
async function aggregated({ api }: Check, version: string): Promise<void> {
  const form = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
  const [core, others] = [await api.get('/api', { accept: form }), await api.get('/apis', { accept: form })];
  for (const answer of [core, others]) {
    assert.is(answer.headers['content-type'], form);
    assert.is(held(answer, 200).kind, 'APIGroupDiscoveryList');
    assert.is(answer.body.apiVersion, `apidiscovery.k8s.io/${version}`);
  }
  const items: Body[] = [...core.body.items, ...others.body.items];
  for (const { groupVersion, plural } of BUILT_IN) {
    const [group, named] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
    const found = items
      .find(({ metadata }) => (metadata.name ?? '') === group)
      ?.versions.find((one: Body) => one.version === named)
      ?.resources.find(({ resource }: Body) => resource === plural);
    assert.ok(found, `${plural} of ${groupVersion}`);
    assert.ok(found.responseKind.kind && found.verbs.length > 0 && found.scope, `${plural} is described`);
  }
}
