/** Certificates, accounts, access reviews. Source: Kubernetes v1.36, test/e2e/auth/{certificates,service_accounts,subjectreviews}.go. */

import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import * as assert from 'uvu/assert';
import { everyVerb } from '../kit/every-verb.ts';
import { type Body, held, labelled, names, type Resource, seen } from '../kit/resource.ts';
import type { Row } from '../row.ts';

export const AUTH: readonly Row[] = [
  {
    id: 'C096',
    async run(check) {
      const { request, certificate } = await pems();
      const signerName = `example.com/e2e-${check.unique}`;
      const bySigner = `fieldSelector=${encodeURIComponent(`spec.signerName=${signerName}`)}`;
      const make = (name: string): Body => ({
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name },
        spec: {
          request,
          signerName,
          expirationSeconds: 3600,
          usages: ['digital signature', 'key encipherment', 'server auth'],
        },
      });
      await everyVerb(check, {
        groupVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        plural: 'certificatesigningrequests',
        namespaced: false,
        subresources: ['approval', 'status'],
        make,
        async meanwhile(own, { metadata: { name }, spec }) {
          assert.is(spec.expirationSeconds, 3600);
          assert.is(spec.username, 'kubernetes-admin', 'who asked is written down');
          assert.ok(spec.groups.includes('system:masters'));
          assert.is((await own.list(bySigner)).items.length, 3);
          await approve(own, name);
          await sign(own, name, certificate);
        },
      });
      const own = check.everywhere('certificates.k8s.io/v1', 'certificatesigningrequests');
      const generated = make('');
      await own.create({ ...generated, metadata: { generateName: 'e2e-example-csr-' } });
      assert.is((await own.list(bySigner)).items.length, 1);
      await own.deleteCollection(bySigner);
      assert.is((await own.list(bySigner)).items.length, 0);
    },
  },
  {
    id: 'C102',
    async run(check) {
      const accounts = check.namespaced('v1', 'serviceaccounts');
      const labels = { 'test-serviceaccount-static': check.unique };
      const watch = accounts.watch(labelled(labels));
      await accounts.create({ metadata: { name: 'testserviceaccount', labels } });
      await seen(watch, 'ADDED');
      await accounts.patch('testserviceaccount', 'strategic', { automountServiceAccountToken: false });
      await seen(watch, 'MODIFIED', (account) => account.automountServiceAccountToken === false);
      const all = await check.everywhere('v1', 'serviceaccounts').list(labelled(labels));
      assert.equal(names(all), ['testserviceaccount']);
      assert.is(all.items[0].automountServiceAccountToken, false);
      await accounts.deleteCollection(labelled(labels));
      await seen(watch, 'DELETED');
      watch.stop();
    },
  },
  {
    id: 'C103',
    async run(check) {
      const accounts = check.namespaced('v1', 'serviceaccounts');
      const labels = { 'e2e-sa': check.unique };
      const name = 'e2e-sa';
      const created = await accounts.create({ metadata: { name, labels }, automountServiceAccountToken: false });
      assert.is(created.automountServiceAccountToken, false);
      const updated = await accounts.update({ ...created, automountServiceAccountToken: true });
      assert.is(updated.automountServiceAccountToken, true);
      const [found] = (await check.everywhere('v1', 'serviceaccounts').list(labelled(labels))).items;
      assert.is(found.automountServiceAccountToken, true);
    },
  },
  {
    id: 'C104',
    async run({ api, namespace, namespaced }) {
      const { metadata } = await namespaced('v1', 'serviceaccounts').create({ metadata: { name: 'e2e' } });
      const user = `system:serviceaccount:${namespace}:e2e`;
      const groups = ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];
      const resourceAttributes = { verb: 'list', resource: 'configmaps', namespace, version: 'v1' };
      const spec = { resourceAttributes, user, groups, uid: metadata.uid };
      const base = '/apis/authorization.k8s.io/v1';
      const reviews = async (): Promise<boolean[]> => {
        const wide = await api.post(`${base}/subjectaccessreviews`, { spec });
        const local = await api.post(`${base}/namespaces/${namespace}/localsubjectaccessreviews`, {
          metadata: { namespace },
          spec,
        });
        return [wide, local].map((answer) => held(answer, 201).status.allowed);
      };
      const impersonated = async (): Promise<number> => {
        const headers = {
          'impersonate-user': user,
          'impersonate-uid': metadata.uid,
          'impersonate-group': groups,
        } as object;
        return (await api.get(`/api/v1/namespaces/${namespace}/configmaps`, headers as Record<string, string>)).code;
      };
      assert.equal([...(await reviews()), await impersonated()], [false, false, 403]);
      await namespaced('rbac.authorization.k8s.io/v1', 'rolebindings').create({
        metadata: { name: 'readers' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace }],
      });
      assert.equal([...(await reviews()), await impersonated()], [true, true, 200]);
    },
  },
];

/** The approval may be read, patched and updated; annotations come along. */
async function approve(own: Resource, name: string): Promise<void> {
  const { kind, metadata } = await own.get(name, 'approval');
  assert.is(kind, 'CertificateSigningRequest');
  const patched = await own.patch(
    name,
    'merge',
    {
      metadata: { annotations: { patchedapproval: 'true' } },
      status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] },
    },
    'approval',
  );
  assert.is(patched.metadata.uid, metadata.uid);
  assert.equal(typesOf(patched), ['ApprovalPatch']);
  assert.is(patched.metadata.annotations.patchedapproval, 'true');
  const approved = { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from a test' };
  const conditions = [...patched.status.conditions, approved];
  const updated = await own.update({ ...patched, status: { ...patched.status, conditions } }, 'approval');
  assert.equal(typesOf(updated), ['ApprovalPatch', 'Approved']);
  assert.ok(updated.status.conditions[1].lastTransitionTime, 'the server says when');
}

async function sign(own: Resource, name: string, certificate: string): Promise<void> {
  assert.is((await own.get(name, 'status')).kind, 'CertificateSigningRequest');
  const patch = { metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } };
  const patched = await own.patch(name, 'merge', patch, 'status');
  assert.is(patched.status.certificate, certificate);
  assert.is(patched.metadata.annotations.patchedstatus, 'true');
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from a test' };
  const conditions = [...patched.status.conditions, condition];
  const updated = await own.update({ ...patched, status: { ...patched.status, conditions } }, 'status');
  assert.equal(typesOf(updated), ['ApprovalPatch', 'Approved', 'StatusUpdate']);
}

function typesOf({ status }: Body): string[] {
  return status.conditions.map(({ type }: Body) => type);
}

/** PEM in base64, as the API takes bytes. */
async function pems(): Promise<{ request: string; certificate: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const named = { name: 'CN=e2e.example.com', keys, signingAlgorithm: algorithm };
  const request = await x509.Pkcs10CertificateRequestGenerator.create(named);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({ ...named, serialNumber: '01' });
  const bytes = (pem: string): string => Buffer.from(`${pem}\n`).toString('base64');
  return { request: bytes(request.toString('pem')), certificate: bytes(certificate.toString('pem')) };
}
