/**
 * Every verb of every kind and subresource, asked by everybody over TLS: who has no right to it gets a 401 or a 403, sees nothing
 * and changes nothing. What is right is worked out here from the roles themselves, plainly and slowly.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../../core/index.ts';
import { openAuth } from '../../../../runtime/api/auth/auth.ts';
import type { PolicyRule } from '../../../../runtime/api/auth/faces.ts';
import type { ApiKind } from '../../../../runtime/api/kinds/kind.ts';
import { apiVersionOf } from '../../../../runtime/api/kinds/table.ts';
import { type Answer, startApi, type TestServer } from '../../../support/api-server.ts';
import { definitionOf, sampleOf } from '../../../support/every-kind.ts';

const NAMESPACE = 'guarded';
/** In every object here: what must not be told. */
const SECRET = 'nobody-shall-know';

interface Identity {
  name: string;
  groups: string[];
  /** '': none is sent. */
  token: string;
}

const USERS: readonly [name: string, ...groups: string[]][] = [
  ['nothing'],
  ['viewer'],
  ['editor'],
  ['chief'],
  ['root'],
  ['system:node:n', 'system:nodes'],
  // Rights to one object and one subresource, by a Role of its own.
  ['narrow'],
];
const BINDINGS: readonly [role: string, user: string, scope: 'everywhere' | 'here'][] = [
  ['ClusterRole/view', 'viewer', 'here'],
  ['ClusterRole/edit', 'editor', 'here'],
  ['ClusterRole/admin', 'chief', 'here'],
  ['ClusterRole/cluster-admin', 'root', 'everywhere'],
  ['ClusterRole/system:node', 'system:node:n', 'everywhere'],
  ['Role/narrow', 'narrow', 'here'],
];
const RBAC = 'rbac.authorization.k8s.io';

let api: TestServer;
let directory: string;
const identities: Identity[] = [{ name: 'system:anonymous', groups: ['system:unauthenticated'], token: '' }];

test.before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keelson-identities-'));
  const tokens = USERS.map(([name, ...groups], i) => `token-${i},${name},${i},"${groups.join()}"`).join('\n');
  const tokenFile = join(directory, 'tokens');
  writeFileSync(tokenFile, tokens);
  api = await startApi({
    secure: true,
    openAuth: (view) => openAuth({ directory, view, now: Date.now, tokenFile }),
  });
  await made('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
  await made(account, { metadata: { name: 'robot' } });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = (await made(`${account}/robot/token`, body)).body;
  USERS.forEach(([name, ...groups], i) => {
    identities.push({ name, groups: [...groups, 'system:authenticated'], token: `token-${i}` });
  });
  identities.push({
    name: `system:serviceaccount:${NAMESPACE}:robot`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
    token: status.token,
  });
  await made(`/apis/${RBAC}/v1/namespaces/${NAMESPACE}/roles`, {
    metadata: { name: 'narrow' },
    rules: [
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get', 'update', 'list'] },
      { apiGroups: [''], resources: ['pods/log', 'pods/status'], verbs: ['get'] },
      { apiGroups: ['*'], resources: ['*/scale'], verbs: ['*'] },
    ],
  });
  for (const [role, user, scope] of BINDINGS) {
    const [kind, name] = role.split('/');
    const where = scope === 'here' ? `/namespaces/${NAMESPACE}/rolebindings` : '/clusterrolebindings';
    await made(`/apis/${RBAC}/v1${where}`, {
      metadata: { name: `identity-${user.replaceAll(':', '-')}` },
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
    });
  }
  await made('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    metadata: { name: 'gadgets.example.com' },
    ...definitionOf('gadgets'),
  });
  while (!api.server.kinds.find('example.com', 'v1', 'gadgets')) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const kind of api.server.kinds.rows()) {
    const sample = sampleOf(kind, 'a', NAMESPACE);
    // Of the two rows of one kept kind the second finds the first one's object.
    if (sample) await made(placeOf(kind).collection, labelled(sample), [201, 409]);
  }
});

test.after(async () => {
  await api.close();
  rmSync(directory, { recursive: true });
});

async function made(path: string, body: object, codes = [201]): Promise<Answer> {
  const answer = await api.post(path, body);
  assert.ok(codes.includes(answer.code), `${path}: ${answer.text}`);
  return answer;
}

function labelled(sample: Record<string, unknown>): Record<string, unknown> {
  return { ...sample, metadata: { ...(sample.metadata as object), annotations: { note: SECRET } } };
}

function placeOf(kind: ApiKind): { collection: string; name: string } {
  const base = `/${kind.group ? 'apis' : 'api'}/${apiVersionOf(kind)}`;
  const sample = sampleOf(kind, 'a', NAMESPACE) as { metadata: { name: string } } | undefined;
  return {
    collection: `${base}${kind.namespaced ? `/namespaces/${NAMESPACE}` : ''}/${kind.plural}`,
    name: sample?.metadata.name ?? 'a',
  };
}

// --- what is right ---------------------------------------------------------------------------------------------------

interface Wish {
  verb: string;
  group: string;
  /** 'pods', 'pods/log' */
  resource: string;
  namespace: string;
  name: string;
}

/** Every rule that the user has where the wish is about. */
function permissionsOf(user: Identity, namespace: string): PolicyRule[] {
  const { view } = api.server.client;
  const has = (binding: KubeObject): boolean =>
    (Reflect.get(binding, 'subjects') ?? []).some(
      (subject: { kind: string; name: string; namespace?: string }) =>
        (subject.kind === 'User' && subject.name === user.name) ||
        (subject.kind === 'Group' && user.groups.includes(subject.name)) ||
        (subject.kind === 'ServiceAccount' &&
          `system:serviceaccount:${subject.namespace ?? binding.metadata.namespace}:${subject.name}` === user.name),
    );
  const rulesOf = (binding: KubeObject): PolicyRule[] => {
    const { kind, name } = Reflect.get(binding, 'roleRef');
    const role =
      kind === 'Role'
        ? view.get(RBAC, 'roles', binding.metadata.namespace ?? '', name)
        : view.get(RBAC, 'clusterroles', '', name);
    if (!role) return [];
    const selectors = Reflect.get(role, 'aggregationRule')?.clusterRoleSelectors as
      | { matchLabels: Record<string, string> }[]
      | undefined;
    if (!selectors) return Reflect.get(role, 'rules') ?? [];
    return [...view.list(RBAC, 'clusterroles')]
      .filter(({ metadata }) =>
        selectors.some(({ matchLabels }) =>
          Object.entries(matchLabels).every(([key, value]) => metadata.labels?.[key] === value),
        ),
      )
      .flatMap((part) => withParts(part));
  };
  // edit is part of admin, and made of others itself.
  const withParts = (role: KubeObject): PolicyRule[] => {
    const selectors = Reflect.get(role, 'aggregationRule')?.clusterRoleSelectors;
    if (!selectors) return Reflect.get(role, 'rules') ?? [];
    return rulesOf({ metadata: { name: '' }, roleRef: { kind: 'ClusterRole', name: role.metadata.name } } as never);
  };
  const everywhere = [...view.list(RBAC, 'clusterrolebindings')].filter(has).flatMap(rulesOf);
  const here = namespace === '' ? [] : [...view.list(RBAC, 'rolebindings', namespace)].filter(has).flatMap(rulesOf);
  return [...everywhere, ...here];
}

function mayDo(permissions: readonly PolicyRule[], { verb, group, resource, name }: Wish): boolean {
  const [, subresource] = resource.split('/');
  for (const rule of permissions) {
    const verbs = rule.verbs.includes(verb) || rule.verbs.includes('*');
    const groups = rule.apiGroups?.includes(group) || rule.apiGroups?.includes('*');
    const resources =
      rule.resources?.includes(resource) ||
      rule.resources?.includes('*') ||
      (subresource && rule.resources?.includes(`*/${subresource}`));
    const names = !rule.resourceNames?.length || rule.resourceNames.includes(name);
    if (verbs && groups && resources && names) return true;
  }
  return false;
}

// --- what is asked ---------------------------------------------------------------------------------------------------

const METHODS: Readonly<Record<string, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
const OF_COLLECTIONS = ['list', 'watch', 'create', 'deletecollection'];

interface Attempt extends Wish {
  method: string;
  path: string;
  body?: unknown;
  type: string;
}

/** Nothing is really changed by those who may: their writes are dry runs. */
function attemptsAt(kind: ApiKind): Attempt[] {
  const { collection, name } = placeOf(kind);
  const namespace = kind.namespaced ? NAMESPACE : '';
  const of = (verb: string, resource: string, path: string, named: boolean, body?: unknown): Attempt => ({
    verb,
    group: kind.group,
    resource,
    // A namespace and what it is in are the same.
    namespace: kind.plural === 'namespaces' && kind.group === '' && named ? name : namespace,
    name: named ? name : '',
    method: METHODS[verb],
    path,
    body,
    type: verb === 'patch' ? 'application/merge-patch+json' : 'application/json',
  });
  const sample = sampleOf(kind, 'a', NAMESPACE) ?? {};
  const bodies: Readonly<Record<string, unknown>> = {
    create: { ...sample, metadata: { name: 'made-without-right' } },
    update: sample,
    patch: { metadata: { labels: { changed: 'without-right' } } },
    delete: { dryRun: ['All'] },
    deletecollection: { dryRun: ['All'] },
  };
  const whole = kind.verbs.map((verb) => {
    const named = !OF_COLLECTIONS.includes(verb);
    const path = named ? `${collection}/${name}` : collection;
    const query = verb === 'watch' ? '?watch=true&timeoutSeconds=1' : METHODS[verb] === 'GET' ? '' : '?dryRun=All';
    return of(verb, kind.plural, path + query, named, bodies[verb]);
  });
  const parts = kind.subresources.flatMap((sub) =>
    sub.verbs.map((verb) =>
      of(verb, `${kind.plural}/${sub.name}`, `${collection}/${name}/${sub.name}?dryRun=All`, true, bodies[verb] ?? {}),
    ),
  );
  return [...whole, ...parts];
}

test('nobody reads or writes what no role allows, and everybody what one does', async () => {
  const before = await everything();
  let allowed = 0;
  let refused = 0;
  const wrong: string[] = [];
  // Nothing changes meanwhile.
  const known = new Map<string, PolicyRule[]>();
  const permissions = (identity: Identity, namespace: string): PolicyRule[] => {
    const key = `${identity.name} ${namespace}`;
    const found = known.get(key) ?? permissionsOf(identity, namespace);
    known.set(key, found);
    return found;
  };
  const ask = async (identity: Identity, attempt: Attempt): Promise<void> => {
    const right = identity.token !== '' && mayDo(permissions(identity, attempt.namespace), attempt);
    const { token } = identity;
    const headers = { 'content-type': attempt.type };
    const answer = await api.ask(attempt.method, attempt.path, { token, body: attempt.body, headers });
    if (right) allowed++;
    else refused++;
    const problem = problemOf(identity, right, answer);
    if (problem) wrong.push(`${identity.name} ${attempt.verb} ${attempt.path}: ${problem}`);
  };
  // All kinds at once: a watch that is let through lasts a second.
  const kinds = [...api.server.kinds.rows()].map(async (kind) => {
    for (const attempt of attemptsAt(kind)) await Promise.all(identities.map((identity) => ask(identity, attempt)));
  });
  await Promise.all(kinds);
  assert.equal(wrong, []);
  assert.is(await everything(), before, 'nothing has changed');
  console.log(`${allowed} requests with a right to them, ${refused} without`);
  assert.ok(allowed > 800 && refused > 2000, `${allowed} allowed, ${refused} refused`);
});

function problemOf({ token }: Identity, right: boolean, { code, text, body }: Answer): string | undefined {
  const byRole = code === 401 || (code === 403 && / cannot \S+ resource /.test(body.message));
  if (right) return byRole ? `refused: ${text}` : code >= 500 && code !== 501 && code !== 503 ? text : undefined;
  if (code !== (token === '' ? 401 : 403)) return `answered by ${code}: ${text.slice(0, 200)}`;
  if (text.includes(SECRET)) return 'the refusal tells what is kept';
  return body.kind === 'Status' ? undefined : `the refusal is no Status: ${text.slice(0, 200)}`;
}

/** All that is kept, with its versions. */
async function everything(): Promise<string> {
  const { view } = api.server.client;
  const rows = [...api.server.kinds.rows()].filter((kind) => sampleOf(kind, 'a', NAMESPACE) && !kind.storage);
  return rows
    .flatMap((kind) => [...view.list(kind.group, kind.plural)])
    .map(
      ({ kind, metadata: { namespace, name, resourceVersion } }) => `${kind} ${namespace}/${name} ${resourceVersion}`,
    )
    .join('\n');
}

test('a name in a field selector gives the right to a list, and nothing that only looks like it', async () => {
  const narrow = identities.find(({ name }) => name === 'narrow') as Identity;
  const list = (fieldSelector: string): Promise<Answer> =>
    api.ask('GET', `/api/v1/namespaces/${NAMESPACE}/secrets?fieldSelector=${encodeURIComponent(fieldSelector)}`, {
      token: narrow.token,
    });
  await made(`/api/v1/namespaces/${NAMESPACE}/secrets`, { metadata: { name: 'other' } });
  const own = await list('metadata.name=a');
  assert.equal(
    own.body.items.map(({ metadata }: KubeObject) => metadata.name),
    ['a'],
  );
  const rows: [sentence: string, selector: string, code: number, count?: number][] = [
    ['another name', 'metadata.name=other', 403],
    ['all but the name', 'metadata.name!=a', 403],
    ['the name within an escaped value', 'metadata.namespace!=x\\,metadata.name=a', 403],
    ['the name at the end of another field', 'xmetadata.name=a', 403],
    ['an escaped name', 'metadata.name=\\a', 403],
    ['two names, of which one is allowed', 'metadata.name=a,metadata.name=other', 200, 0],
    ['two names, of which the first is not', 'metadata.name=other,metadata.name=a', 403],
    ['the name after another field', 'type=Opaque,metadata.name==a', 200, 1],
    ['no name', 'metadata.name=', 403],
  ];
  for (const [sentence, selector, code, count] of rows) {
    const { code: got, text, body } = await list(selector);
    assert.is(got, code, `${sentence}: ${text}`);
    if (count !== undefined) assert.is(body.items.length, count, sentence);
  }
});

test('who may patch and not create makes nothing by applying it', async () => {
  const path = `/api/v1/namespaces/${NAMESPACE}`;
  const role = {
    metadata: { name: 'patches' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] }],
  };
  await made(`/apis/${RBAC}/v1/namespaces/${NAMESPACE}/roles`, role);
  await made(`/apis/${RBAC}/v1/namespaces/${NAMESPACE}/rolebindings`, {
    metadata: { name: 'patches' },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: 'patches' },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: 'nothing' }],
  });
  const token = identities.find(({ name }) => name === 'nothing')?.token;
  const apply = (name: string): Promise<Answer> =>
    api.ask('PATCH', `${path}/configmaps/${name}?fieldManager=x`, {
      token,
      bytes: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { by: 'x' } }),
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
  const made1 = await apply('new');
  assert.is(made1.code, 403, made1.text);
  assert.match(
    made1.body.message,
    /^configmaps "new" is forbidden: User "nothing" cannot create resource "configmaps"/,
  );
  assert.is((await api.get(`${path}/configmaps/new`)).code, 404);
  assert.is((await apply('a')).code, 200, 'what is there may be applied to');
});

test.run();
